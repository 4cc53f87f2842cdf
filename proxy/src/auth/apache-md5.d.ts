declare module 'apache-md5' {
  /** Hashes a password as `$apr1$salt$digest`; given an existing hash, with that one's salt. */
  export default function apacheMd5(password: string, salt?: string): string;
}
