// Makes streams for differential tests: well-formed ones with everything XML allows in them, and mutations that break
// them in small ways. All from one seeded generator, so that a failure can be replayed.

/** Numbers from 0 up to `below`, the same for the same seed. */
export type Random = (below: number) => number

export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!

const NAMES = ['message', 'presence', 'iq', 'body', 'a', 'b', 'x', 'query', 'été', '_', 'a.b-c', '名', 'constructor']
const ATTRIBUTES = [
  'to',
  'from',
  'id',
  'type',
  'version',
  'a',
  'b',
  'é',
  'xml:lang',
  'xml:space',
  'xmlnsx',
  '__proto__',
]
const PREFIXES = ['', '', '', '', 'p', 'q', 'db', 'stream']
const NAMESPACES = [
  'jabber:server',
  'jabber:client',
  'urn:x',
  'urn:y',
  'urn:&amp;&#x41;',
  'urn:é',
  'http://etherx.jabber.org/streams',
]
const TEXTS = [
  'x',
  'Hello, world',
  ' ',
  '\n',
  '\r\n',
  '\t',
  ']]',
  ']',
  '>',
  `'"`,
  'é',
  '😀',
  '\u{1fffe}',
  'z'.repeat(40),
  '&amp;',
  '&lt;',
  '&#65;',
]
const RARE_TEXTS = [
  '&#x1F600;',
  '&#0009;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#xd;',
  '&#10;',
  '\u0085',
  '\u2028',
  '\ufffd',
  '<![CDATA[<&]]]>]]>',
  '<![CDATA[]]>',
]

/** A whole stream from header to footer, well-formed unless a prefix or attribute happened to clash. */
export function stream(random: Random): string {
  const declaration = random(2) === 0 ? '' : `<?xml version='1.0'${random(2) === 0 ? '' : ` encoding='utf-8'`}?>`
  const content = random(4) === 0 ? pick(random, NAMESPACES) : 'jabber:server'
  let text = `${declaration}<stream:stream xmlns='${content}' xmlns:stream='http://etherx.jabber.org/streams'`
  for (const prefix of ['p', 'q', 'db']) if (random(8) > 0) text += ` xmlns:${prefix}="${pick(random, NAMESPACES)}"`
  text += ` to='corp.example'>`
  for (let count = random(4); count >= 0; count--) text += element(random, 0) + pick(random, ['', '', ' ', '\r\n\t'])
  return `${text}</stream:stream>`
}

function element(random: Random, depth: number): string {
  const prefix = pick(random, PREFIXES)
  const name = (prefix === '' ? '' : `${prefix}:`) + pick(random, NAMES)
  const tag = `<${name}${random(3) === 0 ? declare(random) : ''}${attributes(random)}${space(random)}`
  if (random(4) === 0) return `${tag}/>`
  let inner = ''
  for (let count = random(4); count > 0; count--) {
    if (depth < 5 && random(3) === 0) inner += element(random, depth + 1)
    else inner += pick(random, random(4) === 0 ? RARE_TEXTS : TEXTS)
  }
  return `${tag}>${inner}</${name}${space(random)}>`
}

function attributes(random: Random): string {
  let text = ''
  const names = new Set<string>()
  for (let count = random(5); count > 0; count--) {
    const prefix = random(6) === 0 ? pick(random, PREFIXES) : ''
    names.add((prefix === '' ? '' : `${prefix}:`) + pick(random, prefix === '' ? ATTRIBUTES : NAMES))
  }
  for (const name of names) text += ` ${space(random)}${name}${space(random)}=${space(random)}${value(random)}`
  return text
}

function value(random: Random): string {
  const quote = pick(random, [`'`, '"'])
  let text = ''
  for (let count = random(3); count > 0; count--) {
    const part = pick(random, random(4) === 0 ? RARE_TEXTS : TEXTS)
    if (!part.includes(quote) && !part.includes('<')) text += part
  }
  return quote + text + quote
}

function declare(random: Random): string {
  const prefix = pick(random, PREFIXES)
  if (prefix === '') return ` xmlns='${pick(random, [...NAMESPACES, ''])}'`
  return ` xmlns:${prefix}="${pick(random, NAMESPACES)}"`
}

function space(random: Random): string {
  return random(12) === 0 ? pick(random, [' ', '\n', '\t ', '\r\n']) : ''
}

const SCRAPS = [
  ' ',
  '\n',
  '\0',
  '\ufffe',
  `b='c'`,
  ` xmlns='d'`,
  ` xmlns:p='e'`,
  ` xmlns:p=''`,
  ` xmlns:xml='f'`,
  ` a=''`,
  '</stream:stream>',
  ...`< > / & ; ' " = ! [ ] ? - : # x 1 é </ /> <a> </a> <![CDATA[ ]]> &amp; &#65; &#x0; &x; p: <!-- --> <!DOCTYPE <?x ?>`.split(
    ' ',
  ),
].map((scrap) => Buffer.from(scrap))

const BAD_BYTES = [0x00, 0x01, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xf4, 0xf8, 0xff]

/** The same bytes with one small thing changed: a byte, a scrap put in, a piece left out, doubled or moved, the rest cut off. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  const at = random(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random(random(3) === 0 ? 40 : 4))
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
  switch (random(8)) {
    case 0:
      return Buffer.concat([before, after])
    case 1:
      return Buffer.concat([before, piece, piece, after])
    case 2:
      return Buffer.concat([before, Buffer.from([pick(random, BAD_BYTES)]), piece, after])
    case 3: {
      const other = random(before.length + 1)
      return Buffer.concat([before.subarray(0, other), piece, before.subarray(other), after])
    }
    case 4:
      return random(2) === 0 ? before : after
    default:
      return Buffer.concat([before, pick(random, SCRAPS), random(3) === 0 ? Buffer.alloc(0) : piece, after])
  }
}
