/** An entity tag (RFC 9110 §8.8.3): the opaque part with its quotes, and whether it is weak. */
export interface EntityTag {
  weak: boolean;
  opaque: string;
}

const ENTITY_TAG = /^(W\/)?("[\x21\x23-\x7e\x80-\xff]*")$/;
const NEXT_IN_LIST = /[\t ,]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*(?:,|$)/y;

/** Reads one entity tag; undefined when the text is none. */
export function parseEntityTag(text: string | undefined): EntityTag | undefined {
  const match = text === undefined ? null : ENTITY_TAG.exec(text);
  return match ? { weak: match[1] !== undefined, opaque: match[2] ?? '' } : undefined;
}

/** The opaque part of an entity tag that is strong, with its quotes. */
export function strongTag(text: string | undefined): string | undefined {
  const tag = parseEntityTag(text);
  return tag && !tag.weak ? tag.opaque : undefined;
}

/** Reads the value of If-Match or If-None-Match; a malformed tail is dropped, since no tag of ours can be in it. */
export function parseEntityTagList(text: string): '*' | EntityTag[] {
  if (text.trim() === '*') return '*';
  const tags: EntityTag[] = [];
  NEXT_IN_LIST.lastIndex = 0;
  for (let match = NEXT_IN_LIST.exec(text); match; match = NEXT_IN_LIST.exec(text)) {
    tags.push({ weak: match[1] !== undefined, opaque: match[2] ?? '' });
    if (NEXT_IN_LIST.lastIndex >= text.length) break;
  }
  return tags;
}

/** Strong comparison (RFC 9110 §8.8.3.2): both strong and equal. */
export function strongMatch(a: EntityTag, b: EntityTag): boolean {
  return !a.weak && !b.weak && a.opaque === b.opaque;
}

/** Weak comparison (RFC 9110 §8.8.3.2): equal, whatever their strength. */
export function weakMatch(a: EntityTag, b: EntityTag): boolean {
  return a.opaque === b.opaque;
}
