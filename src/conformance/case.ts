// A test case as data: who speaks first, from which state of a stream on, what is said and what must be heard. Whoever
// assesses the product reads these; `play.ts` performs them.
//
// Rule 1: what is expected stands in the case, never in the code that plays it.
// Rule 2: in what is said, {us} is the domain of the gateway, {peer} that of the scripted peer, {id} an id of this run,
//         {user} one of ours and {contact} one of theirs. {unicode} is the peer's domain as people write it, {usual} the address
//         at which a server of it listens on the usual port,
//         {serial} the number of the certificate that it shows.

import type { ProfileName } from '../trust/profiles/profile.ts'

/** What the gateway does in the case: it receives the peer's stream, or opens its own. */
export type Role = 'receiving' | 'initiating'

/**
 * How far a stream has come before the first step: nothing at all, TCP, a first header and its features, TLS, the features after it, or a
 * proven name. Where the gateway opens it, its last word was heard and nothing was answered, but that features were offered.
 */
export type Phase = 'none' | 'connected' | 'opened' | 'secured' | 'offered' | 'authenticated'

/** What the certificate of the scripted peer is like; each is made by its line in `stage/making.ts`. */
export type Certificate =
  | 'good'
  | 'none'
  /** Who signs, until when, and how well. `partner-ca`: a CA that an entry may name as its anchor; `brief`: for seconds. */
  | 'self-signed'
  | 'unknown-ca'
  | 'partner-ca'
  | 'expired'
  | 'not-yet-valid'
  | 'brief'
  | 'sha1'
  | 'damaged'
  | 'strange-extension'
  | 'revoked'
  /** Which names, and in which form. RFC 9525 §6 */
  | 'srv-id'
  | 'xmpp-addr'
  | 'wildcard'
  | 'other-name'
  | 'common-name'
  | 'other-service'
  | 'wildcard-part'
  | 'wildcard-twice'
  | 'wildcard-too-high'
  | 'wildcard-xmpp-addr'
  /** For what. RFC 5280 §4.2.1.3, §4.2.1.4, §4.2.1.12 */
  | 'server-only'
  | 'client-only'
  | 'any-purpose'
  | 'other-purpose'
  | 'no-signing'
  | 'policy'
  /** Below one or two further CAs, and what is wrong with those. RFC 5280 §6.1 */
  | 'below'
  | 'below-two'
  | 'below-no-ca'
  | 'below-no-signing'
  | 'below-too-long'
  | 'below-excluded'
  | 'below-explicit'
  | 'below-expired'
  | 'below-revoked'
  | 'below-missing'
  | 'below-no-list'
  | 'below-stale-list'
  /** Below a CA whose list is nowhere at hand; each names where it is told: a responder, a list by HTTP or LDAP, or both. */
  | 'asked'
  | 'listed'
  | 'listed-ldap'
  | 'asked-or-listed'
  /** Below such a CA; the responder that it names is none. */
  | 'asked-nowhere'

/** What the responder says of the certificate of the peer. RFC 6960 §2.2, §2.3, §3.2, §4.2.2.2 */
export type Responds =
  | 'good'
  | 'revoked'
  | 'unknown'
  | 'good, for seconds'
  | 'good, out of date'
  | 'good, of another certificate'
  | 'good, by a delegate'
  | 'good, by somebody not certified for it'
  | 'good, by another CA'
  | 'try later'
  | 'nothing'

/** What the list has that lies where the certificate of the peer says. */
export type Listed = 'good' | 'revoked' | 'out of date' | 'by another CA' | 'nothing'

/**
 * Where a server of the peer stands. Somebody answers at the first three and, by TLS from the first octet on, at `direct`;
 * `dead` refuses connections, `silent` takes them and says nothing. `half`: over IPv4 somebody answers, over IPv6 whatever is
 * sent is lost. `usual`: at the port where servers are that DNS says nothing of.
 */
export type Place = 'first' | 'second' | 'third' | 'direct' | 'dead' | 'silent' | 'half' | 'usual'

/**
 * An SRV record: its host is `PLACE.{peer}`, which has an address of the version of IP that is played. `.`: not offered. `gateway`: where
 * the gateway takes partners, and its host is `xmpp.{us}`.
 */
export interface ServiceAt {
  readonly priority: number
  readonly weight: number
  readonly place: Place | '.' | 'gateway'
}

/** What is changed in the installation while its gateway runs; certificates are those of {us}. */
export type Change =
  | 'our key is gone'
  | 'our certificate is another'
  | 'our certificate is for a month'
  | 'our certificate is for a week'
  | 'our certificate is for a day'
  | 'a further CA is trusted'
  | 'our domain is given up'

/** Several records, or none: there is no such name, DNS fails, or it says nothing. */
export type Told = 'does not exist' | 'fails' | 'silence' | readonly (ServiceAt | string)[]

export interface TestCase {
  /** `STR-01/wrong-root`. */
  readonly id: string
  readonly requirements: readonly string[]
  /** What is shown, as a sentence. */
  readonly title: string
  readonly role: Role
  readonly phase: Phase
  readonly certificate?: Certificate
  /** What the entry of the peer says besides that it is allowed. `certs/partner-ca.pem` is the CA of `partner-ca`. */
  readonly entry?: Readonly<Record<string, unknown>>
  /**
   * What DNS says, by question, such as `SRV _xmpp-server._tcp.{peer}`; `address NAME` is A or AAAA, by the version of IP that is
   * played, and `*.NAME` whatever is below. What is not there does not exist. With it, the entry says nothing of where the peer is.
   */
  readonly dns?: Readonly<Record<string, Told>>
  /** The case has a gateway and a core of its own, which it ends or breaks. */
  readonly own?: true
  /** What the settings of that gateway say besides, by section. {responder} is where the responder of the run is, {log1} and {log2} are its log servers, {ntp} is its time server. */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The time server of the run is ahead of the clock of the host by so much. */
  readonly aheadMs?: number
  /** The peer has no entry: it is a stranger. */
  readonly stranger?: true
  /** The peer connects where the core does, and not where partners do. */
  readonly leg?: 'core'
  /** The peer connects where TLS begins at once. */
  readonly direct?: true
  /** What the server that answers for the peer's domains says of every key. XEP-0220 §2.3 */
  readonly answersFor?: 'valid' | 'invalid'
  /** The peer talks to the rooms of ours, and {us} is their domain; a stream to it is one of its own. */
  readonly with?: 'rooms'
  /** What the responder, the list and what the peer staples say of its certificate. Default: it is good, and nothing is stapled. */
  readonly responds?: Responds
  readonly listed?: Listed
  readonly stapled?: Responds
  /** The domain of the peer has letters beyond ASCII. */
  readonly international?: true
  /** Over this version of IP alone; default: over both. */
  readonly ip?: 4 | 6
  /** Under which profiles it makes sense; default: all. */
  readonly profiles?: readonly ProfileName[]
  readonly steps: readonly Step[]
}

/** Is anything said on a wire? A command alone is the same over every version of IP; so is the leg of the core, which has one address. */
export const isOnWire = ({ steps, leg }: TestCase): boolean =>
  leg !== 'core' &&
  steps.some((step) => !('runs' in step || 'listens' in step || 'ownFiles' in step) || ('live' in step && step.live))

export type Step =
  /** Text for the stream, with its placeholders filled in. */
  | { readonly say: string }
  /** Octets, in hexadecimal. */
  | { readonly octets: string }
  /** The next thing that is heard must be like this. */
  | { readonly hear: Heard; readonly withinMs?: number }
  /** What is read next is a new document. */
  | { readonly restart: true }
  /** One of these must be heard next: where a standard leaves a choice. */
  | { readonly hearOneOf: readonly Heard[]; readonly withinMs?: number }
  /**
   * TLS by the peer, with what it speaks at most; `refused`: it must not come about. A client may offer a protocol (RFC 7301),
   * ask for another domain than {us}, and for a staple (RFC 6066 §8).
   */
  | {
      readonly tls: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
      readonly suites?: string
      readonly offers?: string
      readonly asking?: string
      readonly staple?: true
      readonly refused?: true
    }
  /** The gateway opens a stream to the peer at this place; with what follows, the case goes on there. */
  | { readonly arrives: Place; readonly withinMs?: number }
  /** For so long it opens none. */
  | { readonly nobodyArrives: number }
  /** The core writes to so many domains below the peer: streams are opened at each of the places, at each more than at the next. */
  | { readonly spreads: readonly Place[]; readonly over: number }
  /**
   * The core writes to so many domains below the peer, again and again, and whoever comes there is hung up on: it comes again after
   * a time that grows up to the limit of the settings and has chance in it.
   */
  | { readonly retries: number; readonly domains: number; readonly mostMs: number }
  /** The gateway has asked DNS this, or never has. */
  | { readonly asked: string }
  | { readonly neverAsked: string }
  /** So many connections from an address of their own are taken; the next one is ended before anything is said on it. */
  | { readonly crowds: number }
  /** So many handshakes are begun from another such address: so many of them in a minute are served, the others ended without a word. */
  | { readonly floods: number; readonly served: number }
  /** None of this stands in anything that the gateway has said to the peer. */
  | { readonly neverSaid: readonly string[] }
  /** The reference by which the gateway has logged something with these fields stands for {reference} from now on. */
  | { readonly refers: Attributes }
  /** The text of the element that was heard last stands for `{…}` of this name from now on. */
  | { readonly keeps: string }
  /** The peer opens a further stream, up to the features in TLS, up to TLS alone or to TCP, and the case goes on there. */
  | { readonly another: true | 'secured' | 'connected' }
  /** The certificate that the gateway has shown there is not the one that it has shown on the stream before. */
  | { readonly showsAnother: true }
  /** The header by which the gateway has opened its stream was like this. */
  | { readonly opened: Attributes }
  /** The certificate that the gateway has shown in the handshake is for this domain. */
  | { readonly shows: string }
  /**
   * The first words of the gateway in TLS have these and not those: what it takes of a client that offers all of them, or what it
   * offers itself once it may proceed. Nothing is said after them.
   */
  | { readonly greets: readonly Trait[]; readonly without: readonly Trait[] }
  /** With the gateway's certificate comes what its responder has said of that. RFC 6066 §8 */
  | { readonly staples: true }
  /** In the handshake the gateway has asked for this domain. RFC 6066 §3 */
  | { readonly asksFor: string }
  /** The protocol that was agreed on in the handshake. RFC 7301 */
  | { readonly speaks: string }
  /** The peer wants the handshake anew on the same connection, which must not come about. Up to TLS 1.2 */
  | { readonly renegotiation: 'refused' }
  /** The peer connects once more and takes up the session that it had: it is not resumed, or the connection ends. */
  | { readonly resumption: 'refused' }
  /** Within the time this comes by the stream that the gateway opens to the peer. */
  | { readonly comesBack: Pattern; readonly withinMs?: number }
  /** The peer closes its stream, and then its connection. */
  | { readonly close: 'stream' | 'connection' }
  /** Nothing like this is heard for so long, at the stream or at the core. */
  | { readonly silence: number; readonly at: 'peer' | 'core' | 'back'; readonly of?: Pattern }
  /** The CA revokes the certificate of the peer, or one that nobody shows, and its new list takes the place of the old one. */
  | { readonly revoke: 'peer' | 'nobody' }
  /** The streams of the peer break, and whoever comes to it finds nobody; or it is there again, and takes who comes. */
  | { readonly peer: 'breaks' | 'returns' }
  /** The gateway of the case is asked to end, or it is killed, or it is started again. */
  | { readonly gateway: 'ends' | 'killed' | 'started' }
  /** This is changed in the installation of the case. */
  | { readonly changes: Change }
  /** The core of the case is gone, with all of its streams. */
  | { readonly core: 'breaks' }
  /** Nobody may write to the store of the gateway of the case any more, or it may again. */
  | { readonly store: 'locked' | 'free' }
  /** Of all that has come there so far, so much is like this, no more and no less. */
  | { readonly copiesOf: Pattern; readonly at: 'core' | 'back'; readonly times: number }
  /**
   * Each of the messages with these ids has reached the core or come back as an error: once, and no more; of those in doubt, which
   * the core may have got and no longer acknowledged, some may have done both.
   */
  | { readonly settles: readonly string[]; readonly inDoubt?: readonly string[]; readonly withinMs?: number }
  /** The gateway listens for connections where its settings say, and nowhere else. */
  | { readonly listens: 'as settings say' }
  /** Nobody but who runs the gateway may read or write the files of this folder of its installation. */
  | { readonly ownFiles: string }
  /** From now on the responder says this of the certificate of the peer, or the list has it. */
  | { readonly responds: Responds }
  | { readonly listed: Listed }
  /** So often the gateway has asked the responder about the certificate of the peer, or fetched the list. */
  | { readonly asks: 'responder' | 'list'; readonly times: number }
  /**
   * A command of the program, run in a copy of the installation: how it ends, and what stands in what it says. `without`: a file
   * that is taken away first; `open`: one that everybody may read; `spoiled`: one that is no YAML any more. `live`: for the instance that serves the case.
   */
  | {
      readonly runs: readonly string[]
      readonly live?: true
      /** Somebody sits at a terminal and types this; else a script runs it, whose owner has accepted the notice. */
      readonly types?: string
      readonly ends: 'well' | 'badly'
      readonly says: readonly string[]
      /** What it says is JSON with a request for a certificate, which is signed by its key and asks for these names, and no others. */
      readonly requests?: readonly string[]
      /** None of this stands in it. */
      readonly lacks?: readonly string[]
      readonly without?: string
      readonly open?: string
      readonly spoiled?: string
    }
  /** The core sends a stanza; `by`: not by its stream for the domain that it is for, but by that for this one. */
  | { readonly coreSays: string; readonly by?: string }
  /** A stanza reaches the core. */
  | { readonly coreHears: Pattern; readonly withinMs?: number }
  /** All of these have come there, in this order, whatever came between them. */
  | { readonly inOrder: readonly Pattern[]; readonly at: 'core' | 'back'; readonly withinMs?: number }
  /** The gateway has logged something about the peer with these fields (`copies`: at least so often), and none of these words. */
  | {
      readonly logs: Attributes
      readonly copies?: number
      readonly without?: readonly string[]
      readonly withinMs?: number
    }
  /** A log server of the run (`{log1}`, `{log2}` in the settings) is gone, or there again. */
  | { readonly logServer: 1 | 2; readonly is: 'away' | 'there' }
  /** It has been sent a line with these fields. */
  | { readonly logServer: 1 | 2; readonly hears: Attributes; readonly withinMs?: number }
  /** It has been sent every line that the gateway has logged so far, each once and in their order; or nothing at all. */
  | { readonly logServer: 1 | 2; readonly has: 'all' | 'nothing' }

/** What a handshake may be about besides keys. RFC 3749, RFC 6520, RFC 7627, RFC 5746 */
export type Trait = 'compression' | 'heartbeat' | 'extended master secret' | 'secure renegotiation'

export type Heard =
  | { readonly kind: 'header'; readonly attributes?: Attributes }
  | { readonly kind: 'features'; readonly with?: readonly Pattern[]; readonly without?: readonly Pattern[] }
  /** A stream error, and the end of the stream and of the connection after it. RFC 6120 §4.9.1.1 */
  | { readonly kind: 'stream-error'; readonly condition: string | readonly string[] }
  | { readonly kind: 'element'; readonly like: Pattern }
  /** `</stream:stream>`. */
  | { readonly kind: 'end' }
  /**
   * The connection is over, whatever else was said before. `inOrder`: TLS was closed before that (close_notify), and TCP
   * was not reset; for ends that come some time after the last word, as what comes along with it is not told apart.
   */
  | { readonly kind: 'closed'; readonly inOrder?: true }

/** Text: so it must be. `true`: it must be there, whatever it is. `false`: it must not. */
export type Attributes = Readonly<Record<string, string | boolean>>

/** What an element must be like; what is not named may be anything. */
export interface Pattern {
  readonly name: string
  readonly ns?: string
  readonly attributes?: Attributes
  /** Children, each of which must be there. */
  readonly has?: readonly Pattern[]
  /** Children, none of which may be there. */
  readonly lacks?: readonly Pattern[]
  readonly text?: string
}
