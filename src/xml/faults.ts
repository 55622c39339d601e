// Everything the scanner can find wrong, each with the stream condition it ends in (RFC 6120 §4.9.3), the reason in
// our catalogue, and a few words for us.
//
// Rule 1: a fault is decided by the first offending byte, so it is the same however the bytes were cut into chunks.
// Rule 2: RFC 6120 §4.9.3.1 prefers the specific condition over bad-format; broken UTF-8 is unsupported-encoding (§4.9.3.22).

import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export interface Fault {
  readonly condition: StreamCondition
  readonly reason: ReasonId
  readonly detail: string
}

const malformed = (detail: string): Fault => ({ condition: 'not-well-formed', reason: 'SP-401', detail })
const restricted = (detail: string): Fault => ({ condition: 'restricted-xml', reason: 'SP-402', detail })
const limit = (reason: ReasonId, detail: string): Fault => ({ condition: 'policy-violation', reason, detail })

export const FAULTS = {
  illegalCharacter: malformed('a character that XML forbids'),
  textBeforeHeader: malformed('text before the stream header'),
  cdataBeforeHeader: malformed('CDATA before the stream header'),
  tagStart: malformed('`<` that starts no tag'),
  tagEnd: malformed('something else than `>` where a tag must end'),
  attributeStart: malformed('something else than an attribute or the end of the tag'),
  attributeSpace: malformed('no white space before an attribute'),
  attributeEquals: malformed('an attribute without `=`'),
  attributeQuote: malformed('an attribute value without quotes'),
  attributeLess: malformed('`<` in an attribute value'),
  attributeTwice: malformed('the same attribute twice'),
  name: malformed('a name that XML forbids'),
  qualifiedName: malformed('a name with a colon that splits it into no two names'),
  endTag: malformed('an end tag that does not match'),
  rootClosedEarly: malformed('an end tag without a start tag'),
  cdataClose: malformed('`]]>` in text'),
  markup: malformed('`<!` that starts nothing known'),
  reference: malformed('`&` that starts no reference'),
  characterReference: malformed('a reference to a character that XML forbids'),
  declaration: malformed('a broken XML declaration'),
  declarationVersion: malformed('an XML version other than 1.0'),
  namespaceReserved: malformed('a declaration of a reserved prefix or namespace'),
  namespaceEmpty: malformed('a prefix declared as no namespace'),

  comment: restricted('a comment'),
  processingInstruction: restricted('a processing instruction'),
  dtd: restricted('a document type declaration'),
  entity: restricted('a reference to an entity that XML does not predefine'),

  encoding: { condition: 'unsupported-encoding', reason: 'SP-403', detail: 'bytes that are not UTF-8' },
  declaredEncoding: { condition: 'unsupported-encoding', reason: 'SP-403', detail: 'another encoding declared' },
  prefix: { condition: 'bad-namespace-prefix', reason: 'SP-404', detail: 'a prefix that nothing declares' },
  streamNamespace: { condition: 'invalid-namespace', reason: 'SP-405', detail: 'the header is in another namespace' },
  streamRoot: { condition: 'bad-format', reason: 'SP-406', detail: 'the root element is no stream' },
  streamNested: { condition: 'bad-format', reason: 'SP-406', detail: 'a stream header within the stream' },
  textBetween: { condition: 'bad-format', reason: 'SP-407', detail: 'text between first-level elements' },

  stanzaBytes: limit('SP-601', 'a first-level element beyond the limit on bytes'),
  depth: limit('SP-602', 'elements beyond the limit on depth'),
  attributes: limit('SP-603', 'an element beyond the limit on attributes'),
  elements: limit('SP-604', 'a first-level element beyond the limit on elements'),
  nameBytes: limit('SP-605', 'a name beyond the limit on bytes'),
  namespaces: limit('SP-605', 'namespace declarations beyond the limit'),
  headerBytes: limit('SP-606', 'a stream header beyond the limit on bytes'),
  totalBytes: limit('SP-435', 'the budget of bytes before authentication is spent'),
  totalElements: limit('SP-435', 'the budget of elements before authentication is spent'),
} as const satisfies Record<string, Fault>
