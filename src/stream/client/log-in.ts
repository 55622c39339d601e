// Who wants to log in, in both forms of SASL: what a client asks for becomes a claim. And what the core says of it, as far
// as the client may hear.

import { parseElement, serialize } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { bareAddress, parseAddress, prepareLocal } from '../../xmpp/address.ts'
import type { SaslCondition } from '../../xmpp/conditions.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { quote } from '../quote.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { EXTERNAL, externalFor, type Chooser } from './external.ts'
import type { Offer } from './features.ts'
import { isReadable, readClaim } from './mechanisms.ts'
import { firstWord, formOf, readFirstWord, type Answer, type FirstWord, type Form } from './sasl.ts'
import type { ScramFirst } from './scram.ts'

/** Somebody wants to be `user`, a bare address. */
export interface Asked {
  readonly form: Form
  readonly mechanism: string
  readonly user: string
  /** What the core is to hear. */
  readonly bytes: Buffer
  readonly scram: ScramFirst | undefined
}

export type Reading =
  | ({ readonly kind: 'asked' } & Asked)
  /** There is no first message yet: it is to be asked for. */
  | { readonly kind: 'silent'; readonly form: Form; readonly mechanism: string }
  | {
      readonly kind: 'faulty'
      readonly form: Form
      readonly reason: ReasonId
      readonly condition: SaslCondition
      readonly detail: string
    }

/** At which domain somebody logs in, and what they were offered there. */
export interface Place extends Pick<Offer, 'mechanisms' | 'inline'> {
  readonly domain: string
}

/** `<auth/>` or `<authenticate/>`. `card`: whom a certificate lets in. */
export function readAuth(frame: Frame, place: Place, card?: Chooser): Reading {
  const form = formOf(frame)
  const word = readFirstWord(frame, place.inline)
  if ('condition' in word) return faulty(form, 'SP-810', word.condition, word.detail)
  const { mechanism, message } = word
  if (!place.mechanisms.includes(mechanism)) return faulty(form, 'SP-809', 'invalid-mechanism', quote(mechanism))
  if (message) return claimOf(form, { ...word, message }, place.domain, card)
  const isLate = form === 'sasl2' // Where it would have to go, only the client knows.
  return isLate ? faulty(form, 'SP-810', 'malformed-request', 'no first message') : { kind: 'silent', form, mechanism }
}

/** The first message came by itself, since we had to ask for it. */
export function readFirst(
  answer: Exclude<Answer, { kind: 'abort' }>,
  mechanism: string,
  domain: string,
  card?: Chooser,
): Reading {
  if (answer.kind === 'rubbish') return faulty('sasl', 'SP-810', answer.condition, answer.detail)
  return claimOf('sasl', { mechanism, message: answer.message, beside: [] }, domain, card)
}

type Claiming = FirstWord & { readonly message: Buffer }

function claimOf(form: Form, word: Claiming, domain: string, card: Chooser | undefined): Reading {
  const { mechanism, message } = word
  if (mechanism === EXTERNAL) return claimByCard(form, word, card)
  const named = isReadable(mechanism) ? readClaim(mechanism, message) : undefined
  if (!named) return faulty(form, 'SP-810', 'malformed-request', `${mechanism} that names nobody`)
  const user = userOf(named.authcid, domain)
  if (user === undefined) return faulty(form, 'SP-810', 'not-authorized', `the name ${quote(named.authcid)}`)
  const acted = named.authzid === '' ? undefined : parseAddress(named.authzid)
  // SECURITY: nobody acts for somebody else through the gateway, whatever the core would allow.
  if (named.authzid !== '' && (acted === undefined || bareAddress(acted) !== user))
    return faulty(form, 'SP-810', 'not-authorized', `${user} for ${quote(named.authzid)}`)
  return { kind: 'asked', form, mechanism, user, bytes: firstWord(form, word), scram: named.scram }
}

/** The message is whom the client wants to be, or nothing. RFC 4422 appendix A */
function claimByCard(form: Form, { message, beside }: Claiming, card: Chooser | undefined): Reading {
  const choice = card?.(message.length === 0 ? undefined : message.toString('utf8'))
  if (!choice) return faulty(form, 'SP-809', 'invalid-mechanism', EXTERNAL)
  if ('reason' in choice) return faulty(form, choice.reason, 'not-authorized', choice.detail)
  const user = choice.address
  return { kind: 'asked', form, mechanism: EXTERNAL, user, bytes: externalFor(user, form, beside), scram: undefined }
}

/** `alice`, or `alice@domain` as some clients write it. */
function userOf(authcid: string, domain: string): string | undefined {
  const local = prepareLocal(authcid)
  if (local !== undefined) return `${local}@${domain}`
  const address = parseAddress(authcid)
  const isHere = address?.local !== undefined && address.domain === domain && address.resource === undefined
  return isHere ? bareAddress(address) : undefined
}

function faulty(form: Form, reason: ReasonId, condition: SaslCondition, detail: string): Reading {
  return { kind: 'faulty', form, reason, condition, detail }
}

/** The core's `<failure/>` → what the client hears, and what it was. */
export function heardFailure(frame: Frame): { readonly condition: SaslCondition; readonly detail: string } {
  const said = parseElement(frame)
    .getChildElements()
    .find(({ name }) => name !== 'text')
  // The one that is the core's own affair. All others are of an account, or of a message that was fit to be read.
  const condition = said?.name === 'temporary-auth-failure' ? said.name : 'not-authorized'
  return { condition, detail: quote(said?.name ?? '') }
}

/** What comes with the core's `<success/>` in SASL2: whom it takes the client for, and what it did at once. */
export interface Success {
  /** The address, full where it is bound. */
  readonly identifier: string | undefined
  readonly bound: boolean
  /** The id of a session that can be resumed. XEP-0198 §3 */
  readonly enabled: Enabled | undefined
}

/** `<success/>` of SASL2 → what it says, and the same without a place inside. XEP-0388 §2.6.2, XEP-0386 §4.2 */
export function rewriteSuccess(frame: Frame): { readonly success: Success; readonly bytes: Buffer } {
  const element = parseElement(frame)
  const bound = element.getChild('bound', NS.bind2)
  const enabled = bound?.getChild('enabled', NS.sm)
  if (enabled) delete enabled.attrs['location']
  const success = {
    identifier: element.getChildText('authorization-identifier') ?? undefined,
    bound: bound !== undefined,
    enabled: enabled && enabledOf(enabled.attrs),
  }
  return { success, bytes: serialize(element) }
}

/** Acknowledgements are on. */
export interface Enabled {
  /** What the session is resumed by; undefined: it is not. */
  readonly id: string | undefined
  /** So long the core keeps it once it is lost; undefined: it has not said. */
  readonly keptMs: number | undefined
}

/** `<enabled/>` → the same without the place where the core would rather be met, which is inside. XEP-0198 §3 */
export function rewriteEnabled(frame: Frame): { readonly enabled: Enabled; readonly bytes: Buffer } {
  const element = parseElement(frame)
  delete element.attrs['location']
  return { enabled: enabledOf(element.attrs), bytes: serialize(element) }
}

function enabledOf({ id, resume, max }: Readonly<Record<string, unknown>>): Enabled {
  const isResumable = typeof id === 'string' && (resume === 'true' || resume === '1')
  const keptMs = typeof max === 'string' && /^\d{1,9}$/.test(max) ? Number(max) * 1000 : undefined
  return { id: isResumable ? id : undefined, keptMs }
}
