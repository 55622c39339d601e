// Streams from a grammar: what XML and its namespaces allow, what XMPP forbids of it, and what nobody allows, each as a
// production of its own, so that it can be counted which of them were used.
//
// Rule 1: `{name}` stands for one of the alternatives of `name`, by weight; `{!name}` also remembers what it became, for
//         `{?}` further on in the same alternative.
// Rule 2: the first alternative is the plainest: below DEEPEST only that is taken, so that every stream ends.
// Rule 3: a byte that is no character is written as one in the private use area (`raw`), and becomes that byte at the end.

import { pick, type Random } from './random.ts'

type Alternatives = readonly (readonly [weight: number, text: string])[]

const DEEPEST = 40
const RAW = 0xf700

const raw = (...bytes: readonly number[]): string => String.fromCharCode(...bytes.map((byte) => RAW + byte))
const each = (weight: number, ...texts: readonly string[]): Alternatives => texts.map((text) => [weight, text])

const STREAMS = 'http://etherx.jabber.org/streams'

export const GRAMMAR: Readonly<Record<string, Alternatives>> = {
  stream: [
    [
      40,
      `{declaration}<stream:stream{content} xmlns:stream='${STREAMS}'{prefixes}{header}{s}>{elements}</stream:stream{s}>`,
    ],
    [3, `{declaration}<stream xmlns="${STREAMS}"{prefixes}{header}>{elements}</stream>`],
    [3, `{declaration}<s:stream{content} xmlns:s='${STREAMS}'{prefixes}{header}>{elements}</s:stream>`],
    [1, `{declaration}<stream:stream{content} xmlns:stream='${STREAMS}'{prefixes}{header}/>`],
    [2, '{strayStream}'],
  ],
  strayStream: each(
    1,
    `<stream:stream xmlns:stream='urn:x'>{elements}</stream:stream>`,
    `<stream:features xmlns:stream='${STREAMS}'>{elements}</stream:features>`,
    `<stream:stream{content}>{elements}</stream:stream>`,
    `<stream>{elements}</stream>`,
    `<{!name}{content}>{elements}</{?}>`,
    `</{name}>`,
    '{texts}{stream}',
    '{section}{stream}',
    '{forbidden}{stream}',
    '{s}{declaration}{stream}',
    '\ufeff{stream}',
    '{stream}{stream}',
  ),

  declaration: [
    [40, ''],
    [30, `<?xml version='1.0'?>{s}`],
    [10, `<?xml version="1.0" encoding='{encoding}'?>{s}`],
    [5, `<?xml{s} version{s}={s}'1.0'{s} standalone='{standalone}'{s}?>`],
    [1, '{strayDeclaration}'],
  ],
  encoding: [...each(8, 'UTF-8', 'utf-8', 'Utf-8'), ...each(1, 'UTF-16', 'ISO-8859-1', 'US-ASCII', 'utf8', '-', '')],
  standalone: [...each(8, 'yes', 'no'), ...each(1, 'maybe')],
  strayDeclaration: each(
    1,
    `<?xml version='1.1'?>`,
    `<?xml version='1.0' version='1.0'?>`,
    `<?xml encoding='UTF-8'?>`,
    `<?xml?>`,
    `<?xml version='1.0'encoding='UTF-8'?>`,
    `<?xml version='1.0' encoding='UTF-8' standalone='yes' x='y'?>`,
    `<?xml version='1.0' standalone='no' encoding='UTF-8'?>`,
    `<?xml version=1.0?>`,
    `<?xml version='1.0'>`,
    `<?xml version='1.0' é?>`,
    `<?xml version='1.0' <?>`,
    `<?XML version='1.0'?>`,
    `<?xml {noise}?>`,
  ),

  content: [
    [12, ` xmlns='jabber:server'`],
    [2, ` xmlns='jabber:client'`],
    [2, ` xmlns="jabber:component:accept"`],
    [1, ` xmlns='{namespace}'`],
    [1, ''],
  ],
  prefixes: [
    [8, ` xmlns:p='urn:x' xmlns:q="{namespace}" xmlns:db='jabber:server:dialback'`],
    [2, ` xmlns:p='urn:x' xmlns:q='urn:x'`],
    [1, ''],
    [1, ` xmlns:p='urn:x' {spelling}`],
  ],
  header: [
    [6, ` to='corp.example' from='partner.example' id='i&#x31;' version='1.0'`],
    [3, ` to='corp.example' version='1.0' xml:lang='{lang}'`],
    [2, ''],
    [2, '{attributes}'],
  ],
  lang: each(1, 'en', 'de', '', 'en-GB'),

  elements: [
    [5, ''],
    [25, '{element}'],
    [25, '{element}{element}{between}{element}'],
    [15, '{element}{between}{elements}'],
    [1, '{elements}{strayBetween}{elements}'],
  ],
  between: each(1, '', ' ', '\n', '\r\n\t  '),
  strayBetween: each(1, '{text}', '{reference}', '{section}', '{forbidden}', '{stream}', '{badBytes}', '</{name}>'),

  element: [
    [20, '<{name}{attributes}{s}/>'],
    [40, '<{!name}{attributes}{s}>{inside}</{?}{s}>'],
    [15, `<{!contentName} to='{address}' from="{address}" id='{id}' type='{type}'>{inside}</{?}>`],
    [10, `<{!name}{binding}{attributes}>{inside}</{?}>`],
    [5, `<{!prefix}:a xmlns:{?}='{namespace}' {?}:b=''/>`],
    [1, '{twice}'],
    [1, '{reserved}'],
    [5, '{many}'],
    [1, '{strayElement}'],
  ],
  inside: [
    [10, ''],
    [20, '{text}'],
    [20, '{element}'],
    [15, '{inside}{inside}'],
    [10, '{reference}'],
    [5, '{section}'],
    [5, '{run}'],
    [1, '{strayInside}'],
  ],
  strayInside: each(1, '{forbidden}', '{badBytes}', '{strayReference}', ']]>', '<', '&', '{stream}', '</{name}>'),
  strayElement: each(
    1,
    '<{name}></{name}>',
    '<{!name}></{?}x>',
    '<{!name}></{?} a="">',
    '<{!name}></ {?}>',
    '<{name}/ >',
    '<{strayName}/>',
    '<{!strayName}></{?}>',
    '< {name}/>',
    '<{name}{strayAttribute}/>',
    '<{name}',
    '<nowhere:a/>',
    '<xmlns:a/>',
  ),

  contentName: each(1, 'message', 'presence', 'iq'),
  name: [
    [20, '{local}'],
    [6, '{prefix}:{local}'],
    [1, 'xml:{local}'],
  ],
  local: [
    ...each(6, 'message', 'body', 'a', 'b', 'x', 'query', 'stream'),
    ...each(
      1,
      'été',
      '_',
      'a.b-c',
      '名',
      '😀',
      'constructor',
      '__proto__',
      'a1',
      'x·',
      'x\u0300',
      'ü',
      'xmlns',
      'n{run}',
    ),
  ],
  strayName: each(
    1,
    '1a',
    '-a',
    '.a',
    'a:b:c',
    ':a',
    'a:',
    ':',
    'p:1',
    'p:-',
    'p:·',
    '×a',
    'a×',
    'a\u2028',
    '·a',
    'a\u{f0000}',
  ),
  prefix: each(2, 'p', 'q', 'db', 'stream'),

  attributes: [
    [40, ''],
    [30, '{attribute}'],
    [20, '{attribute}{attribute}'],
    [10, '{attribute}{attribute}{attribute}{attribute}'],
    [1, '{strayAttribute}'],
  ],
  attribute: [
    [10, ' {attributeName}={value}'],
    [3, ' {s}{attributeName}{s}={s}{value}'],
    [2, ` xml:lang='{lang}'`],
    [2, ' {prefix}:{local}={value}'],
    [2, '{binding}'],
  ],
  attributeName: each(
    1,
    'to',
    'from',
    'id',
    'type',
    'version',
    'a',
    'b',
    'c',
    'lang',
    'é',
    'xml:space',
    'xmlnsx',
    'xmln',
    '__proto__',
    'xml:x',
  ),
  value: [
    [1, `''`],
    [4, `'{inQuotes}'`],
    [4, `"{inQuotes}"`],
    [1, `'"'`],
    [1, `"'"`],
    [1, `'{run}'`],
  ],
  inQuotes: [
    [10, ''],
    [20, '{plain}'],
    [10, '{plain}{inQuotes}'],
    [10, '{reference}'],
    [1, '{strayValue}'],
  ],
  strayValue: each(1, '<', '&', '{strayReference}', '{badBytes}', ']]>', '>', '/>'),
  strayAttribute: each(
    1,
    ' a',
    ' a=',
    ' a=b',
    ` a='b'c='d'`,
    ` a='b`,
    ` ='b'`,
    ' {strayName}={value}',
    ' nowhere:a={value}',
    ` a 'b'`,
    ' /a=""',
    ' "a"',
    ' {badBytes}',
  ),
  twice: each(
    1,
    `<a b='' b=''/>`,
    `<a p:b='' p:b=''/>`,
    `<a xmlns:r='urn:x' xmlns:t='urn:x' r:b='' t:b=''/>`,
    `<a xmlns:r='urn:&#x78;' p:b='' r:b=''/>`,
    `<a xmlns:r='urn:y' p:b='' r:b='' b=''/>`,
    `<a xmlns='urn:x' p:b='' b=''/>`,
    `<a xmlns='' xmlns=''/>`,
    `<a xmlns:r='urn:x' xmlns:r='urn:y'/>`,
    `<a xml:lang='a' xml:lang='b'/>`,
    `<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='' lang=''/>`,
    `<a id='1' from='' id='2'/>`,
  ),
  binding: [
    [4, ` xmlns='{namespace}'`],
    [4, ` xmlns:{prefix}="{namespace}"`],
    [1, ` xmlns=''`],
  ],
  reserved: each(
    1,
    `<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>`,
    `<a xmlns:xml='urn:x'/>`,
    `<a xmlns:xmlns='urn:x'/>`,
    `<a xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>`,
    `<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>`,
    `<a xmlns='http://www.w3.org/XML/1998/namespace'/>`,
    `<a xmlns='http://www.w3.org/2000/xmlns/'/>`,
    `<a xmlns:p='http://www.w3.org/2000/xmlns/'/>`,
    `<a xmlns:p=''/>`,
    `<a xmlns:p='&#x20;'/>`,
    `<a xmlns:='urn:x'/>`,
  ),
  namespace: each(
    1,
    'jabber:server',
    'jabber:client',
    'jabber:component:accept',
    'urn:x',
    'urn:y',
    'urn:&amp;&#x41;',
    'urn:é',
    'jabber:serve&#114;',
    'urn:{run}',
    STREAMS,
  ),
  /** One namespace in two spellings. */
  spelling: each(1, `xmlns:r='urn:&#x78;'`, `xmlns:r="urn:\nx"`, `xmlns:r='urn:&#10;x'`),
  address: each(
    1,
    'corp.example',
    'a@corp.example/x',
    '',
    'é@corp.example',
    'a&amp;b@corp.example',
    `a&apos;@corp.example`,
  ),
  id: each(1, '1', '', 'a b', '&#9;', '😀', '{run}'),
  type: each(1, 'chat', 'error', 'get', 'unavailable', ''),

  text: [
    [4, '{plain}'],
    [2, '{plain}{texts}'],
  ],
  texts: each(1, '{plain}', '{reference}', `'`, '"', '>', ']', ']]', ']] >', '{plain}{texts}'),
  plain: [
    ...each(3, 'x', 'Hello, world', ' ', 'é', '😀', '名'),
    ...each(
      1,
      '\n',
      '\r\n',
      '\r',
      '\t',
      '/',
      '=',
      '!',
      '\x7f',
      '\u0080',
      '\u0085',
      '\u2028',
      '\ufffd',
      '\ud7ff',
      '\ue000',
      '\u{10ffff}',
      '\u{1fffe}',
    ),
  ],
  reference: each(
    1,
    '&amp;',
    '&lt;',
    '&gt;',
    '&quot;',
    '&apos;',
    '&#65;',
    '&#x41;',
    '&#0009;',
    '&#xd;',
    '&#10;',
    '&#x1F600;',
    '&#x10FFFF;',
    '&#xD7FF;',
  ),
  strayReference: each(
    1,
    '&x;',
    '&nbsp;',
    '&amp',
    '&;',
    '&#;',
    '&#x;',
    '&#0;',
    '&#xFFFE;',
    '&#xD800;',
    '&#x110000;',
    '&#99999999999999999999;',
    '&#xg;',
    '&#1a;',
    '&a#;',
    '&1;',
    '&AMP;',
    '& ;',
    '&é;',
    '&#X41;',
    '&amp&amp;',
    '&toString;',
  ),
  section: each(
    1,
    '<![CDATA[]]>',
    '<![CDATA[<&]]]>]]>',
    '<![CDATA[{plain}]]>',
    '<![CDATA[]]{plain}]]]]>',
    '<![CDATA[{run}]]>',
    '<![CDATA[{badBytes}]]>',
    '<![cdata[]]>',
    '<![CDATA]]>',
    '<![CDATA[',
  ),
  forbidden: each(
    1,
    '<!---->',
    '<!-- {plain} -->',
    '<!-- -- -->',
    '<!->',
    '<!DOCTYPE a>',
    `<!DOCTYPE a [<!ENTITY x 'y'>]>`,
    '<!ELEMENT a ANY>',
    '<!x>',
    '<!>',
    '<![',
    '<!é>',
    '<?x?>',
    '<?x {plain}?>',
    `<?xml version='1.0'?>`,
    '<?>',
    '<?xml-stylesheet?>',
  ),
  badBytes: [
    // Lone continuation, overlong forms, surrogates, beyond Unicode, bytes of no form, cut short, no character of XML.
    ...each(1, raw(0x80), raw(0xbf), raw(0xc0, 0x80), raw(0xc1, 0xbf), raw(0xe0, 0x80, 0x80), raw(0xe0, 0x9f, 0xbf)),
    ...each(1, raw(0xf0, 0x80, 0x80, 0x80), raw(0xf0, 0x8f, 0xbf, 0xbf), raw(0xed, 0xa0, 0x80), raw(0xed, 0xbf, 0xbf)),
    ...each(
      1,
      raw(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
      raw(0xf4, 0x90, 0x80, 0x80),
      raw(0xf5),
      raw(0xf8, 0x88),
      raw(0xfc),
      raw(0xfe),
      raw(0xff),
    ),
    ...each(
      1,
      raw(0xc3),
      raw(0xe2, 0x82),
      raw(0xe2),
      raw(0xf0, 0x9f, 0x98),
      raw(0xf0, 0x9f),
      raw(0xf0),
      raw(0xef, 0xbf),
    ),
    ...each(1, '\ufffe', '\uffff', '\0', '\x01', '\x0b', '\x1f'),
  ],
  noise: each(1, '', `version='1.0`, '{plain}', '{strayAttribute}', '{attribute}', '?', '{badBytes}'),
  s: [[20, ''], ...each(1, ' ', '\n', '\t ', '\r\n')],
  run: [
    [20, '{short}'],
    [1, '{long}'],
  ],
  many: each(1, '{deep}', '{wide}', '{crowded}', '{bound}'),
}

/** Lengths around which what reads bytes in blocks changes its ways. */
const LENGTHS = [7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257]
const LONG_LENGTHS = [511, 512, 513, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 16_385, 65_537]

/** Productions of which there are too many alternatives to write down. */
const COUNTED: Readonly<Record<string, (random: Random) => string>> = {
  short: (random) => pick(random, ['z', 'z', 'é', '😀']).repeat(pick(random, LENGTHS)),
  long: (random) => pick(random, ['z', 'z', 'é']).repeat(pick(random, LONG_LENGTHS)),
  /** Levels within each other. */
  deep(random) {
    const levels = count(random)
    return '<d>'.repeat(levels) + '{inside}' + '</d>'.repeat(levels)
  },
  /** Elements beside each other. */
  wide: (random) => `<w>${'<v/>'.repeat(count(random))}</w>`,
  /** Attributes of one element. */
  crowded: (random) => `<c${Array.from({ length: count(random) }, (_, at) => ` a${at}='{type}'`).join('')}/>`,
  /** Declarations in scope at once. */
  bound: (random) =>
    `<n${Array.from({ length: count(random) }, (_, at) => ` xmlns:n${at}='urn:x'`).join('')} n0:a='' n1:b=''/>`,
}

const count = (random: Random): number => (random(8) === 0 ? 60 + random(12) : 1 + random(20))

/** Every production with its alternatives, as they are counted. */
export const PRODUCTIONS: readonly string[] = [
  ...Object.entries(GRAMMAR).flatMap(([name, alternatives]) => alternatives.map((_, at) => `${name}.${at}`)),
  ...Object.keys(COUNTED),
]

const WEIGHTS = new Map(
  Object.entries(GRAMMAR).map(([name, alternatives]) => [
    name,
    alternatives.reduce((sum, [weight]) => sum + weight, 0),
  ]),
)
/** One choice in so many is of what was used least. */
const RARE = 60
const SYMBOL = /\{([!?]?)(\w*)\}/g

/** How often each production and mutation was used, so that those that were not are given their turn. */
export interface Uses {
  add(what: string): void
  of(what: string): number
}

/** The bytes of a stream; `uses` is told which productions it was made of. */
export function generate(random: Random, uses: Uses, start = 'stream'): Buffer {
  return encode(expand(random, uses, start, 0))
}

/** A piece made of the production that was used least. */
export function generateRarest(random: Random, uses: Uses): Buffer {
  const least = PRODUCTIONS.reduce((a, b) => (uses.of(`production:${b}`) < uses.of(`production:${a}`) ? b : a))
  const [name = '', at] = least.split('.')
  if (at === undefined) return generate(random, uses, name)
  uses.add(`production:${least}`)
  return encode(fill(random, uses, GRAMMAR[name]![Number(at)]![1], 0))
}

function expand(random: Random, uses: Uses, name: string, depth: number): string {
  const counted = COUNTED[name]
  let text
  if (counted === undefined) {
    const at = depth > DEEPEST ? 0 : random(RARE) === 0 ? leastUsed(uses, name) : choose(random, name)
    uses.add(`production:${name}.${at}`)
    text = GRAMMAR[name]![at]![1]
  } else {
    uses.add(`production:${name}`)
    text = counted(random)
  }
  return fill(random, uses, text, depth)
}

function fill(random: Random, uses: Uses, text: string, depth: number): string {
  let remembered = ''
  return text.replaceAll(SYMBOL, (_, mark: string, symbol: string) => {
    if (mark === '?') return remembered
    const became = expand(random, uses, symbol, depth + 1)
    if (mark === '!') remembered = became
    return became
  })
}

function leastUsed(uses: Uses, name: string): number {
  const counts = GRAMMAR[name]!.map((_, at) => uses.of(`production:${name}.${at}`))
  return counts.indexOf(Math.min(...counts))
}

function choose(random: Random, name: string): number {
  const alternatives = GRAMMAR[name]!
  let left = random(WEIGHTS.get(name)!)
  let at = 0
  while (left >= alternatives[at]![0]) left -= alternatives[at++]![0]
  return at
}

function encode(text: string): Buffer {
  const parts = text.split(/([\uf700-\uf7ff]+)/)
  return Buffer.concat(
    parts.map((part, at) =>
      at % 2 === 0 ? Buffer.from(part) : Buffer.from(part, 'utf16le').filter((_, place) => place % 2 === 0),
    ),
  )
}
