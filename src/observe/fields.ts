// What a log line may say besides its event. Names are stable: other programs read them.
//
// SECURITY: what people wrote to each other never reaches a log. Event helpers take names and numbers only; should a
// field of one of WITHHELD's names ever arrive all the same, its value stays out, and so do bytes of any kind.

export type Value = string | number | boolean | undefined | readonly Value[] | { readonly [name: string]: Value }

export type Fields = Readonly<Record<string, Value>>

const WITHHELD = new Set(['body', 'bodies', 'subject_text', 'content', 'html', 'xml', 'raw', 'payload', 'stanza'])
/** Longest text in a line; an address has 3071 bytes at most, and a detail can quote a peer. */
const LONGEST = 1024

/** Fields ready for a line: text cut to a bearable length, nothing withheld, nothing undefined. */
export function fit(fields: Fields): Record<string, Value> {
  const ready: Record<string, Value> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) ready[name] = WITHHELD.has(name) ? '(withheld)' : fitValue(value)
  }
  return ready
}

function fitValue(value: Value): Value {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value
  if (typeof value !== 'object') return value
  if (ArrayBuffer.isView(value)) return '(withheld)'
  return isList(value) ? value.map(fitValue) : fit(value)
}

/** Every field, its texts, lists and groups of further fields cut to so many characters, members and fields each. */
export function cutTo(fields: Fields, longest: number): Fields {
  const cut = (value: Value): Value => {
    if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest)}…` : value
    if (typeof value !== 'object') return value
    if (isList(value)) return value.slice(0, longest).map(cut)
    return cutTo(Object.fromEntries(Object.entries(value).slice(0, longest)), longest)
  }
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)]))
}

const isList = (value: object): value is readonly Value[] => Array.isArray(value)

/** An address as firewalls write it: IPv4 without the IPv6 clothes it wears on a dual-stack socket. RFC 4291 §2.5.5.2 */
export function plainIp(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
}
