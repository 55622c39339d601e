// The catalogue of reasons: why something was refused, failed or closed. Every refusal, failed link and closed stream
// names one entry; the README's list is generated from here, and a test holds the two together.
//
// Rule 1: an id, once released, keeps its meaning; entries are added, never renumbered.
// Rule 2: `means` and `act` are for our administrators. A peer sees only the condition and a reference.
// Hundreds: 1xx policy · 2xx DNS and connection · 3xx TLS and certificates · 4xx stream and authentication ·
// 5xx stanza · 6xx limits · 7xx records · 8xx remote users · 9xx configuration and administration.

import type { StanzaCondition, StreamCondition } from './conditions.ts'

export interface Reason {
  readonly name: string
  readonly means: string
  /** Whose side the cause is on. */
  readonly side: 'ours' | 'theirs' | 'core' | 'network'
  readonly act: string
  /** What a stream that ends for this reason is closed with. */
  readonly stream?: StreamCondition
  /** What a stanza refused for this reason is answered with. */
  readonly stanza?: StanzaCondition
}

export const REASONS = {
  'SP-101': { name: 'partner-unknown', means: 'The domain is not in the partner list, and federation is closed.', side: 'ours', act: 'Admit it with `sallyport partner allow <domain>` if it should be a partner.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-201': { name: 'dns-domain-not-found', means: 'DNS says that the domain does not exist.', side: 'theirs', act: 'Check the spelling of the domain; if it is right, ask the partner for their SRV record.', stanza: 'remote-server-not-found' },
  'SP-202': { name: 'dns-no-address', means: 'The domain exists, but DNS has neither an SRV record nor an address for it.', side: 'theirs', act: 'Ask the partner to publish `_xmpp-server._tcp`, or set `connect:` in the partner entry.', stanza: 'remote-server-not-found' },
  'SP-203': { name: 'dns-timeout', means: 'The DNS servers did not answer in time.', side: 'network', act: 'Check that the resolvers of `dns.servers` answer from this host.', stanza: 'remote-server-timeout' },
  'SP-204': { name: 'dns-failure', means: 'The DNS servers answered with a failure instead of records.', side: 'network', act: 'Look at the detail: SERVFAIL often means broken DNSSEC or a dead name server at the partner.', stanza: 'remote-server-not-found' },
  'SP-205': { name: 'dns-service-not-offered', means: 'DNS says that the domain offers no server-to-server service (SRV target `.`).', side: 'theirs', act: 'The domain does not federate; ask the partner which domain they use.', stanza: 'remote-server-not-found' },
  'SP-211': { name: 'connection-refused', means: 'Nothing accepts connections at the address.', side: 'theirs', act: 'Ask the partner whether their server runs and which port it listens on.', stanza: 'remote-server-not-found' },
  'SP-212': { name: 'connection-timeout', means: 'No answer from the address in time.', side: 'network', act: 'A firewall drops the packets, ours or theirs: check both for the address and port in the detail.', stanza: 'remote-server-timeout' },
  'SP-213': { name: 'connection-unreachable', means: 'There is no route to the address.', side: 'network', act: 'Check routing and the IPv4 or IPv6 connectivity of this host.', stanza: 'remote-server-timeout' },
  'SP-214': { name: 'connection-lost', means: 'The connection broke.', side: 'network', act: 'Nothing, if it is rare; otherwise look for a middlebox that resets long-lived connections.', stanza: 'remote-server-timeout' },
  'SP-215': { name: 'connection-ended', means: 'The other side ended the connection without closing its stream.', side: 'theirs', act: 'Their server was probably killed or restarted; the next stanza connects again.', stanza: 'remote-server-timeout' },
  'SP-216': { name: 'connection-failed', means: 'The connection could not be made.', side: 'network', act: 'The detail names the error of the operating system.', stanza: 'remote-server-timeout' },
  'SP-217': { name: 'connection-cancelled', means: 'We gave up the attempt to connect before it was finished.', side: 'ours', act: 'Nothing: the stream was no longer wanted.', stanza: 'remote-server-timeout' },
  'SP-351': { name: 'tls-not-offered', means: 'The peer offers no STARTTLS; nothing is ever sent in plaintext.', side: 'theirs', act: 'Ask the partner to enable TLS for server-to-server connections.', stanza: 'remote-server-timeout' },
  'SP-352': { name: 'tls-refused', means: 'The peer offered STARTTLS and then refused it.', side: 'theirs', act: 'Their server has probably no usable certificate for the domain; ask the partner to look at its log.', stanza: 'remote-server-timeout' },
  'SP-353': { name: 'tls-version', means: 'No TLS version in common; at least TLS 1.2 is needed.', side: 'theirs', act: 'Ask the partner to enable TLS 1.2 or 1.3.', stanza: 'remote-server-timeout' },
  'SP-354': { name: 'tls-handshake-failed', means: 'The TLS handshake failed.', side: 'theirs', act: 'The detail names the fault; no cipher or group in common is the usual one.', stanza: 'remote-server-timeout' },
  'SP-355': { name: 'tls-connection-lost', means: 'The connection ended during the TLS handshake.', side: 'theirs', act: 'Their server or a middlebox gave up: ask the partner what their log says about our certificate.', stanza: 'remote-server-timeout' },
  'SP-356': { name: 'tls-our-certificate-refused', means: 'The peer refused our certificate in the TLS handshake.', side: 'theirs', act: 'Compare the chain we show (`sallyport cert show`) with what the partner trusts.', stanza: 'remote-server-timeout' },
  'SP-357': { name: 'tls-renegotiation', means: 'The peer asked for TLS renegotiation.', side: 'theirs', act: 'Renegotiation is forbidden in XMPP; ask the partner to switch it off.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-358': { name: 'tls-session-resumed', means: 'The TLS session was resumed, so that no certificate was shown.', side: 'theirs', act: 'Nothing: it should not happen, and the stream was closed.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-359': { name: 'tls-plaintext-injected', means: 'Data came between the STARTTLS command and the TLS handshake.', side: 'theirs', act: 'An attempt to smuggle plaintext into the secured stream, or a broken server: look at the address.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-360': { name: 'tls-own-certificate-missing', means: 'We have no certificate for the domain that the stream is for.', side: 'ours', act: '`sallyport check` says which file is missing.', stream: 'internal-server-error', stanza: 'remote-server-timeout' },
  'SP-361': { name: 'tls-peer-certificate-missing', means: 'The peer showed no certificate.', side: 'theirs', act: 'Ask the partner to let their server present its certificate on outgoing connections too.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-401': { name: 'xml-not-well-formed', means: 'The peer sent something that is not well-formed XML.', side: 'theirs', act: 'Their server or a middlebox corrupts the stream, or somebody probes us: look at the address and the detail.', stream: 'not-well-formed', stanza: 'remote-server-timeout' },
  'SP-402': { name: 'xml-restricted', means: 'The peer sent a comment, a processing instruction, a DTD or an entity, which XMPP forbids.', side: 'theirs', act: 'A broken server or a probe: look at the address and the detail.', stream: 'restricted-xml', stanza: 'remote-server-timeout' },
  'SP-403': { name: 'xml-encoding', means: 'The peer sent something else than UTF-8.', side: 'theirs', act: 'Their server or a middlebox corrupts the stream, or somebody probes us: look at the address.', stream: 'unsupported-encoding', stanza: 'remote-server-timeout' },
  'SP-404': { name: 'xml-prefix-unbound', means: 'The peer used a namespace prefix that nothing declares.', side: 'theirs', act: 'A broken server: show the partner the detail.', stream: 'bad-namespace-prefix', stanza: 'remote-server-timeout' },
  'SP-405': { name: 'stream-namespace', means: 'The stream header is not in the namespace of XMPP streams.', side: 'theirs', act: 'Something else than an XMPP server connected, or a very old one.', stream: 'invalid-namespace', stanza: 'remote-server-timeout' },
  'SP-406': { name: 'stream-root', means: 'What the peer opened is not a stream.', side: 'theirs', act: 'Something else than an XMPP server connected.', stream: 'bad-format', stanza: 'remote-server-timeout' },
  'SP-407': { name: 'stream-text', means: 'The peer sent text between stanzas.', side: 'theirs', act: 'A broken server or a probe: look at the address and the detail.', stream: 'bad-format', stanza: 'remote-server-timeout' },
  'SP-421': { name: 'stream-addressing', means: 'A stream header without `to` or `from`, or with something there that is not a domain.', side: 'theirs', act: 'Show the partner the detail.', stream: 'improper-addressing', stanza: 'remote-server-timeout' },
  'SP-422': { name: 'stream-version', means: 'The peer speaks a version of XMPP before 1.0.', side: 'theirs', act: 'The server at the other end is too old to federate with.', stream: 'unsupported-version', stanza: 'remote-server-timeout' },
  'SP-423': { name: 'stream-content-namespace', means: 'The stream is not for server-to-server content (`jabber:server`).', side: 'theirs', act: 'Probably a client on the wrong port.', stream: 'invalid-namespace', stanza: 'remote-server-timeout' },
  'SP-424': { name: 'stream-from-changed', means: 'The peer changed its own name after a stream restart.', side: 'theirs', act: 'An attack or a broken server: look at the address.', stream: 'invalid-from', stanza: 'remote-server-timeout' },
  'SP-425': { name: 'stream-to-changed', means: 'The peer changed the name it wants to reach after a stream restart.', side: 'theirs', act: 'An attack or a broken server: look at the address.', stream: 'host-unknown', stanza: 'remote-server-timeout' },
  'SP-426': { name: 'stream-not-authorized', means: 'The peer sent something else than the negotiation allows before it was authenticated.', side: 'theirs', act: 'Show the partner the detail.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-427': { name: 'stream-element-unknown', means: 'The peer sent a first-level element that is no stanza.', side: 'theirs', act: 'Show the partner the detail.', stream: 'unsupported-stanza-type', stanza: 'remote-server-timeout' },
  'SP-428': { name: 'stream-authentication-before-tls', means: 'The peer tried to authenticate before TLS.', side: 'theirs', act: 'Ask the partner to use STARTTLS.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-429': { name: 'stream-authentication-attempts', means: 'The peer failed to authenticate too often.', side: 'theirs', act: 'Show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-430': { name: 'stream-negotiation-timeout', means: 'The stream was not ready in time.', side: 'theirs', act: 'If it is a partner, ask what their log says; a slow link may need a longer `limits.negotiation`.', stream: 'connection-timeout', stanza: 'remote-server-timeout' },
  'SP-431': { name: 'stream-idle', means: 'Nothing crossed the stream for long, so it was closed.', side: 'ours', act: 'Nothing: the next stanza opens a new one.', stanza: 'remote-server-timeout' },
  'SP-432': { name: 'stream-external-not-offered', means: 'The peer does not offer authentication by certificate (SASL EXTERNAL).', side: 'theirs', act: 'It does not trust our certificate, or allows only dialback: ask the partner which CA it trusts.', stanza: 'remote-server-timeout' },
  'SP-433': { name: 'stream-negotiation-fault', means: 'The peer answered something else than the negotiation allows.', side: 'theirs', act: 'Show the partner the detail.', stream: 'unsupported-stanza-type', stanza: 'remote-server-timeout' },
  'SP-434': { name: 'stream-peer-name', means: 'The peer names itself differently than the domain we asked for.', side: 'theirs', act: 'DNS or `connect:` leads to a server that does not serve the domain.', stream: 'invalid-from', stanza: 'remote-server-timeout' },
  'SP-435': { name: 'stream-negotiation-bytes', means: 'The peer sent too much before it was authenticated.', side: 'theirs', act: 'If it is a partner, show them the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-436': { name: 'stream-wrong-way', means: 'The peer sent a stanza on the stream that is only for ours.', side: 'theirs', act: 'Their server must open a stream of its own, or negotiate a bidirectional one.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-441': { name: 'authentication-refused', means: 'The peer refused our authentication.', side: 'theirs', act: 'Ask the partner what their log says about our domain and certificate.', stanza: 'remote-server-timeout' },
  'SP-442': { name: 'authentication-name-refused', means: 'The peer does not accept that our certificate speaks for our domain.', side: 'theirs', act: 'Check that the certificate names the domain (`sallyport cert show`).', stanza: 'remote-server-timeout' },
  'SP-443': { name: 'authentication-postponed', means: 'The peer cannot check our authentication at the moment.', side: 'theirs', act: 'It is tried again with the next stanza.', stanza: 'remote-server-timeout' },
  'SP-444': { name: 'authentication-mechanism-refused', means: 'The peer does not accept SASL EXTERNAL although it offered it.', side: 'theirs', act: 'Show the partner the detail.', stanza: 'remote-server-timeout' },
  'SP-445': { name: 'authentication-exchange-refused', means: 'The peer found fault with the form of our authentication.', side: 'theirs', act: 'Show the partner the detail.', stanza: 'remote-server-timeout' },
  'SP-451': { name: 'peer-says-host-unknown', means: 'The peer says that it does not serve the domain.', side: 'theirs', act: 'DNS or `connect:` leads to the wrong server, or the domain was given up.', stanza: 'remote-server-not-found' },
  'SP-452': { name: 'peer-says-not-authorized', means: 'The peer says that we have not proven our name.', side: 'theirs', act: 'Ask the partner what their log says about our certificate.', stanza: 'remote-server-timeout' },
  'SP-453': { name: 'peer-says-policy-violation', means: 'The peer says that its policy does not admit us.', side: 'theirs', act: 'Ask the partner to admit our domain; the detail has their reference if they gave one.', stanza: 'remote-server-not-found' },
  'SP-454': { name: 'peer-says-shutdown', means: 'The peer is being shut down.', side: 'theirs', act: 'Nothing: the next stanza connects again.', stanza: 'remote-server-timeout' },
  'SP-455': { name: 'peer-says-reset', means: 'The peer asks for a new stream, because a certificate or its settings changed.', side: 'theirs', act: 'Nothing: the next stanza connects again.', stanza: 'remote-server-timeout' },
  'SP-456': { name: 'peer-says-other-host', means: 'The peer sends us to another host.', side: 'theirs', act: 'Redirections are not followed; set `connect:` if the host in the detail is right.', stanza: 'remote-server-timeout' },
  'SP-457': { name: 'peer-says-conflict', means: 'The peer says that a newer stream replaces this one.', side: 'theirs', act: 'Nothing, if it is rare.', stanza: 'remote-server-timeout' },
  'SP-458': { name: 'peer-says-timeout', means: 'The peer says that it lost contact with us, or that we were too slow.', side: 'theirs', act: 'Nothing, if it is rare; otherwise look for a middlebox that drops idle connections.', stanza: 'remote-server-timeout' },
  'SP-459': { name: 'peer-says-overloaded', means: 'The peer lacks the resources to serve us.', side: 'theirs', act: 'It is tried again with the next stanza.', stanza: 'remote-server-timeout' },
  'SP-460': { name: 'peer-says-internal-error', means: 'The peer has an error of its own, or one it does not name.', side: 'theirs', act: 'Ask the partner what their log says; the detail has their words.', stanza: 'remote-server-timeout' },
  'SP-461': { name: 'peer-says-bad-xml', means: 'The peer found fault with the XML we sent.', side: 'ours', act: 'Report it with the detail: what crosses the gateway must be well-formed.', stanza: 'remote-server-timeout' },
  'SP-462': { name: 'peer-says-bad-addresses', means: 'The peer does not accept the addresses we sent.', side: 'theirs', act: 'Show the partner the detail.', stanza: 'remote-server-timeout' },
  'SP-463': { name: 'peer-says-unsupported', means: 'The peer does not support something we sent.', side: 'theirs', act: 'Show the partner the detail.', stanza: 'remote-server-timeout' },
  'SP-464': { name: 'peer-closed', means: 'The peer closed the stream in good order.', side: 'theirs', act: 'Nothing: the next stanza opens a new one.', stanza: 'remote-server-timeout' },
  'SP-465': { name: 'peer-closed-early', means: 'The peer closed the stream before it was ready, and gave no reason.', side: 'theirs', act: 'Ask the partner what their log says; some servers refuse without words.', stanza: 'remote-server-timeout' },
  'SP-471': { name: 'shutting-down', means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'system-shutdown', stanza: 'remote-server-timeout' },
  'SP-491': { name: 'internal-error', means: 'An error in the gateway itself.', side: 'ours', act: 'Report it with the log line of the reference.', stream: 'internal-server-error', stanza: 'internal-server-error' },
  'SP-601': { name: 'stanza-too-large', means: 'The peer sent an element larger than allowed.', side: 'theirs', act: 'If it is honest, raise `limits.stanzaBytes`.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-602': { name: 'stanza-too-deep', means: 'The peer sent elements nested deeper than allowed.', side: 'theirs', act: 'No honest stanza is that deep; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-603': { name: 'stanza-attributes', means: 'The peer sent an element with more attributes than allowed.', side: 'theirs', act: 'No honest element has that many; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-604': { name: 'stanza-elements', means: 'The peer sent a stanza of more elements than allowed.', side: 'theirs', act: 'No honest stanza has that many; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-605': { name: 'stanza-names', means: 'The peer sent a longer name, or more namespace declarations at once, than allowed.', side: 'theirs', act: 'No honest stanza needs that; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-606': { name: 'stream-header-too-large', means: 'The peer sent a stream header larger than allowed.', side: 'theirs', act: 'Something else than an XMPP server connected, or somebody probes us.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-651': { name: 'connections-total', means: 'As many connections as allowed are open.', side: 'ours', act: 'Raise `limits.connections` if the load is honest.' },
  'SP-652': { name: 'connections-per-address', means: 'As many connections as allowed are open from this address.', side: 'theirs', act: 'If it is a partner, raise `limits.connectionsPerAddress`.' },
} as const satisfies Record<string, Reason>

export type ReasonId = keyof typeof REASONS
