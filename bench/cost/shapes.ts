// Streams of one shape each and any size: what a peer may send to make a byte cost more than another. The limits are lifted
// where a shape is about what they would end, so that it can be seen that they are not what keeps the cost down.

import { AFTER_AUTHENTICATION, type ScanLimits } from '../../src/xml/limits.ts'

/** A text, so many times. */
export type Part = readonly [text: string, times: number]

export interface Shape {
  readonly name: string
  readonly about: string
  /** What stands between the header and the footer, in about so many bytes. */
  readonly parts: (bytes: number) => readonly Part[]
  readonly limits: ScanLimits
  /** Bytes of a packet. */
  readonly packet: number
  /** Larger streams of this shape would only take longer. */
  readonly most: number
}

const MB = 1 << 20
/** A record of TLS. */
const RECORD = 16_384

const LIFTED: ScanLimits = {
  ...AFTER_AUTHENTICATION,
  stanzaBytes: Infinity,
  depth: Infinity,
  elements: Infinity,
  attributes: Infinity,
  namespaces: Infinity,
}

const BODY = 'A message of the usual length, as people write it to each other. '
const CHAT = stanzaOf(281)

/** A chat of so many bytes. */
function stanzaOf(bytes: number): string {
  const head = `<message from='romeo@partner.example/orchard' to='juliet@corp.example/balcony' type='chat' id='ktx72v49'><body>`
  const tail = '</body></message>'
  return head + BODY.repeat(1 + bytes / BODY.length).slice(0, bytes - head.length - tail.length) + tail
}

const many = (count: number, one: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => one(at)).join('')
const again = (unit: string, bytes: number): Part => [unit, Math.max(1, Math.round(bytes / Buffer.byteLength(unit)))]

type Given = Pick<Shape, 'name' | 'about' | 'parts'> & Partial<Shape>

const shape = (given: Given): Shape => ({ limits: AFTER_AUTHENTICATION, packet: RECORD, most: 256 * MB, ...given })

/** One unit over and over. */
const repeated = (name: string, about: string, unit: string, more: Partial<Shape> = {}): Shape =>
  shape({ name, about, parts: (bytes) => [again(unit, bytes)], ...more })

/** One element with one thing in it that is as large as the stream. */
const huge = (
  name: string,
  about: string,
  [before, unit, after]: readonly [string, string, string],
  more: Partial<Shape> = {},
): Shape =>
  shape({ name, about, parts: (bytes) => [[before, 1], again(unit, bytes), [after, 1]], limits: LIFTED, ...more })

const nested = (name: string, about: string, more: Partial<Shape> = {}): Shape =>
  shape({
    name,
    about,
    parts: (bytes) => [
      ['<a>', Math.ceil(bytes / 7)],
      ['</a>', Math.ceil(bytes / 7)],
    ],
    limits: LIFTED,
    ...more,
  })

export const SHAPES: readonly Shape[] = [
  repeated('chats', 'chats of 281 bytes', CHAT),
  repeated('tiny stanzas', 'stanzas of four bytes: a million in 4 MB', '<a/>'),
  repeated('spaces', 'white space between stanzas', ' '),
  repeated('large stanzas', 'stanzas of 500 KB', stanzaOf(500_000)),
  repeated(
    'attributes',
    'elements with as many attributes as are allowed',
    `<a${many(64, (at) => ` a${10 + at}=''`)}/>`,
  ),
  repeated(
    'prefixed attributes',
    'the same, each with a prefix',
    `<a${many(32, (at) => ` xmlns:p${10 + at}='urn:x${at}'`)}${many(32, (at) => ` p${41 - at}:b=''`)}/>`,
  ),
  repeated(
    'prefixes',
    'elements whose prefix was declared before sixty others',
    `<a${many(58, (at) => ` xmlns:p${10 + at}='urn:x'`)}>${'<p10:a/>'.repeat(1000)}</a>`,
  ),
  repeated('declarations', 'elements that declare a namespace', `<a xmlns='urn:x'><b xmlns='urn:y'/></a>`),
  huge('one text', 'one text', ['<a>', BODY, '</a>']),
  huge('text beyond ASCII', 'one text of characters of several bytes', ['<a>', 'é名😀ж', '</a>']),
  huge('mixed text', 'one text where such characters stand alone', ['<a>', 'xé😀\ufffdabcdefgh\uf8ff', '</a>']),
  huge('references', 'one text of references', ['<a>', '&#x41;&amp;', '</a>']),
  huge('one reference', 'one reference of zeros', ['<a>&#', '0', '65;</a>']),
  huge('brackets', 'one text of brackets', ['<a>', ']]', '</a>']),
  huge('one section', 'one CDATA section', ['<a><![CDATA[', `${BODY}]]x`, ']]></a>']),
  huge('one value', 'one attribute value', [`<a b='`, BODY, `'/>`]),
  huge('one value of quotes', 'one attribute value of the other quote', [`<a b='`, '"', `'/>`]),
  huge('one tag of spaces', 'white space within one tag', ['<a', ' ', '/>']),
  huge('elements', 'one element with small ones in it', ['<a>', '<b/>', '</a>']),
  huge('payloads', 'one element with small ones of two names in it', ['<a>', '<b/><c/>', '</a>']),
  nested('nesting', 'elements within each other, as deep as the stream is long'),
  repeated(
    'thousands of attributes',
    'elements with 4,000 attributes',
    `<a${many(4000, (at) => ` a${1000 + at}=''`)}/>`,
    { limits: LIFTED },
  ),
  repeated('chats by bytes', 'chats, each byte in a packet of its own', CHAT, { packet: 1, most: 4 * MB }),
  huge('one text by bytes', 'one text, each byte in a packet of its own', ['<a>', BODY, '</a>'], {
    packet: 1,
    most: 4 * MB,
  }),
  nested('nesting by bytes', 'the same, each byte in a packet of its own', { packet: 1, most: 4 * MB }),
]
