import * as z from 'zod';

/** RFC 1123 label, as Kubernetes takes it: lower case. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** RFC 1123 subdomain: labels of up to 63 characters joined by dots. */
export const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Name of a Kubernetes object such as a Secret or an IngressClass. */
export const objectName = z.string().min(1).max(253).regex(DNS_SUBDOMAIN, {
  error: 'must be a Kubernetes object name: lower-case letters, digits, "-" and "."',
});

/** A reference to an object in the S3Proxy's own namespace: references never cross namespaces. */
export function localReference(what: string) {
  return z.object({ name: objectName.describe(`Name of the ${what}, in the S3Proxy's namespace.`) });
}

/** Whether `text` is four numbers joined by dots. Neither bucket names nor Ingress hosts may be IPv4 addresses. */
export function looksLikeIPv4(text: string): boolean {
  return /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/.test(text);
}
export const NOT_IPV4_CEL = "!self.matches('^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$')";
