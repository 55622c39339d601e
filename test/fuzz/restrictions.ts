// What a stream must not have besides what makes XML ill-formed, and what saxes lets pass although XML or its namespaces
// forbid it: the list that stands beside saxes where the two together judge our scanner. Written from the standards, not
// from the scanner.

import type { StreamCondition } from '../../src/xmpp/conditions.ts'
import type { ReasonId } from '../../src/xmpp/reasons.ts'
import type { ScanLimits } from '../../src/xml/limits.ts'

export interface Finding {
  readonly what: string
  readonly condition: StreamCondition
  /** Where one condition stands for several limits. */
  readonly reason?: ReasonId
}

const is =
  (condition: StreamCondition) =>
  (what: string): Finding => ({ what, condition })
const malformed = is('not-well-formed')
const restricted = is('restricted-xml')
const limit = (what: string, reason: ReasonId): Finding => ({ what, condition: 'policy-violation', reason })

export const RESTRICTIONS = {
  // RFC 6120 §11.1
  comment: restricted('a comment'),
  instruction: restricted('a processing instruction'),
  dtd: restricted('a document type declaration'),
  entity: restricted('an entity that XML does not predefine'),
  // RFC 6120 §11.6
  encoding: is('unsupported-encoding')('bytes that are not UTF-8'),
  declaredEncoding: is('unsupported-encoding')('another encoding declared'),
  byteOrderMark: malformed('a byte order mark'),
  // RFC 6120 §4.8, §4.9.3
  root: is('bad-format')('a root that is no stream'),
  rootNamespace: is('invalid-namespace')('a root in another namespace'),
  nested: is('bad-format')('a stream within the stream'),
  between: is('bad-format')('text between first-level elements'),
  prefix: is('bad-namespace-prefix')('a prefix that nothing declares'),
  // Where saxes is lenient, or would find out later. XML 1.0 §2.8, §2.7, §3; Namespaces in XML 1.0 §3, §4
  declaration: malformed('a broken XML declaration'),
  version: malformed('another version of XML'),
  character: malformed('a character that XML forbids'),
  markup: malformed('`<!` that starts nothing'),
  outside: malformed('text or a reference before the header'),
  name: malformed('a name that is no qualified name'),
  reference: malformed('`&` that starts no reference'),
  // limits.ts
  stanzaBytes: limit('a first-level element that is too large', 'SP-601'),
  depth: limit('too many levels', 'SP-602'),
  attributes: limit('too many attributes', 'SP-603'),
  elements: limit('too many elements in a first-level element', 'SP-604'),
  nameBytes: limit('a name that is too long', 'SP-605'),
  namespaces: limit('too many declarations', 'SP-605'),
  headerBytes: limit('a header or declaration that is too large', 'SP-606'),
  totalBytes: limit('too many bytes before authentication', 'SP-435'),
  totalElements: limit('too many elements before authentication', 'SP-435'),
} as const satisfies Record<string, Finding>

/** XML 1.0 §2.8, production 23, with any version. */
const DECLARATION =
  /^<\?xml[\t\r\n ]+version[\t\r\n ]*=[\t\r\n ]*(?<version>'[^'<]*'|"[^"<]*")(?:[\t\r\n ]+encoding[\t\r\n ]*=[\t\r\n ]*(?<encoding>'[^'<]*'|"[^"<]*"))?(?:[\t\r\n ]+standalone[\t\r\n ]*=[\t\r\n ]*(?:'(?:yes|no)'|"(?:yes|no)"))?[\t\r\n ]*\?>$/

/** What is wrong with a whole declaration. */
export function judgeDeclaration(text: string): readonly Finding[] {
  const { version, encoding } = DECLARATION.exec(text)?.groups ?? {}
  if (version === undefined) return [RESTRICTIONS.declaration]
  const found: Finding[] = []
  if (version.slice(1, -1) !== '1.0') found.push(RESTRICTIONS.version)
  if (encoding !== undefined && encoding.slice(1, -1).toLowerCase() !== 'utf-8')
    found.push(RESTRICTIONS.declaredEncoding)
  return found
}

const START =
  '_A-Za-z\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}'
const NAME = `[${START}][${START}\\-.0-9\\xb7\\u0300-\\u036f\\u203f\\u2040]*`
const QUALIFIED = new RegExp(`^(?:${NAME}:)?${NAME}$`, 'u')

/** What is wrong with the name of an element or attribute. Namespaces in XML 1.0 §4, production 7. */
export function judgeName(name: string, limits: ScanLimits): readonly Finding[] {
  const found: Finding[] = []
  if (!QUALIFIED.test(name)) found.push(RESTRICTIONS.name)
  if (Buffer.byteLength(name) > limits.nameBytes) found.push(RESTRICTIONS.nameBytes)
  return found
}

/** Names of entities in ASCII: what else is referred to is as undefined, and found out at the first byte. */
const SHAPES = '#[0-9]+|#x[0-9A-Fa-f]+|[_A-Za-z][_A-Za-z0-9.\\-]*'
const REFERENCE = new RegExp(`&(?!(?:${SHAPES});)`)
const BEGUN = new RegExp(`&(?!(?:${SHAPES});|(?:#x?|${SHAPES})?$)`)

/** What is wrong with the references in a text or a tag. XML 1.0 §4.1. `whole`: the last one must be complete. */
export function judgeReferences(text: string, whole: boolean): readonly Finding[] {
  return (whole ? REFERENCE : BEGUN).test(text) ? [RESTRICTIONS.reference] : []
}
