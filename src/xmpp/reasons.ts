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

// One line an entry: a table to be read.
// oxfmt-ignore
export const REASONS = {
  'SP-101': { name: 'partner-unknown', means: 'The domain is not in the partner list, and federation is closed.', side: 'ours', act: 'Admit it with `sallyport partner allow <domain>` if it should be a partner.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-102': { name: 'partner-blocked', means: 'The partner entry says blocked.', side: 'ours', act: 'If it is to be admitted again: `sallyport partner allow <domain>`.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-103': { name: 'partner-suspended', means: 'The partner entry is suspended for the time being.', side: 'ours', act: 'When the cause is gone: `sallyport partner allow <domain>`.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-104': { name: 'partner-pending', means: 'The partner entry still waits for approval.', side: 'ours', act: 'Approve it with `sallyport partner allow <domain>`.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-105': { name: 'partner-expired', means: 'The partner entry was admitted until a day that is over.', side: 'ours', act: 'Ask the owner of the entry; `sallyport partner set <domain> --until YYYY-MM-DD` extends it.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-106': { name: 'partner-direction', means: 'The partner entry does not admit stanzas in this direction.', side: 'ours', act: 'If both ways are meant: `sallyport partner set <domain> --direction both`.', stream: 'policy-violation', stanza: 'not-allowed' },
  'SP-111': { name: 'own-domain-claimed', means: 'Somebody outside claims to be one of our own domains.', side: 'theirs', act: 'An attack, or the core connects from an address that `core.networks` does not name: look at the address.', stream: 'invalid-from' },
  'SP-112': { name: 'core-network', means: 'Somebody who is not in `core.networks` knocks at the entrance of the core.', side: 'core', act: 'If it is the core, add its address to `core.networks`.', stream: 'not-authorized' },
  'SP-113': { name: 'core-claims-foreign-domain', means: 'The core wants to speak for a domain that is not ours.', side: 'core', act: 'If it is ours, add it to `domains:`; otherwise correct the host list of the core.', stream: 'invalid-from' },
  'SP-114': { name: 'core-asks-for-own-domain', means: 'The core looks for one of its own domains outside.', side: 'core', act: 'The domain is in `domains:`, but the core does not serve it: correct one of the two.', stream: 'host-unknown' },
  'SP-115': { name: 'domain-not-served', means: 'The peer asks for a domain that is not ours.', side: 'theirs', act: 'If it is ours, add it to `domains:`; otherwise their DNS or their settings lead to the wrong server.', stream: 'host-unknown' },
  'SP-121': { name: 'stanza-from-foreign', means: 'The peer sent a stanza from a domain that it has not proven.', side: 'theirs', act: 'An attack or a broken server: show the partner the record.', stream: 'invalid-from' },
  'SP-122': { name: 'stanza-from-ours', means: 'The peer sent a stanza from one of our own domains.', side: 'theirs', act: 'An attack or a broken server: show the partner the record.', stream: 'invalid-from' },
  'SP-123': { name: 'stanza-to-third-party', means: 'The peer sent a stanza for a domain that is not ours; nothing is relayed between outsiders.', side: 'theirs', act: 'A broken server or an attempt to use us as a relay: show the partner the record.', stream: 'host-unknown' },
  'SP-124': { name: 'core-stanza-from-foreign', means: 'The core sent a stanza from a domain that is not ours.', side: 'core', act: 'The core relays what it should not, or one of its domains is missing in `domains:`.', stream: 'invalid-from' },
  'SP-125': { name: 'core-stanza-to-own-domain', means: 'The core sent a stanza for one of our own domains out of the house.', side: 'core', act: 'The domain is in `domains:`, but the core does not serve it: correct one of the two.', stream: 'host-unknown', stanza: 'remote-server-not-found' },
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
  'SP-221': { name: 'core-unreachable', means: 'The internal server could not be reached or did not prove itself, so what came from outside could not be delivered.', side: 'core', act: 'See the cause in the detail; `sallyport check --online` tests the way to the core.', stanza: 'remote-server-timeout' },
  'SP-301': { name: 'certificate-name-mismatch', means: 'The certificate does not name the domain that its owner claims to be.', side: 'theirs', act: 'Ask the partner for a certificate with the domain itself in it (DNS name or `_xmpp-server` SRV name); the detail lists the names it has.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-302': { name: 'certificate-expired', means: 'A certificate of the chain has expired.', side: 'theirs', act: 'Ask the partner to renew it; the detail says which one and when it ended.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-303': { name: 'certificate-not-yet-valid', means: 'A certificate of the chain is not valid yet.', side: 'theirs', act: 'Check our clock first, then show the partner the detail.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-304': { name: 'certificate-self-signed', means: 'The peer shows a self-signed certificate that nothing vouches for.', side: 'theirs', act: 'Ask the partner for a certificate of a CA, or list theirs under `anchors:` of the partner entry.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-305': { name: 'certificate-untrusted-ca', means: 'The chain is complete, but ends at a CA that is not trusted here.', side: 'theirs', act: 'If that CA is to be trusted for this partner, list it under `anchors:` of the partner entry.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-306': { name: 'certificate-missing-intermediate', means: 'The certificate of the issuing CA was not sent and is not known here.', side: 'theirs', act: 'Ask the partner to install the full chain (`fullchain.pem`), not the bare certificate.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-307': { name: 'certificate-pin-mismatch', means: 'The key of the certificate is none of those pinned for the partner.', side: 'theirs', act: 'Ask the partner by another way whether they changed their key; if so, change `pins:` in the partner entry.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-308': { name: 'certificate-bad-signature', means: 'A certificate of the chain is not signed by the CA that it names.', side: 'theirs', act: 'A forged or damaged certificate: look at the address, and show the partner the detail.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-309': { name: 'certificate-issuer-not-ca', means: 'A certificate of the chain was issued by one that must not issue any.', side: 'theirs', act: 'A forged chain or a broken CA: show the partner the detail.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-310': { name: 'certificate-path-too-long', means: 'There are more CA certificates below a CA than it permits.', side: 'theirs', act: 'Show the partner the detail; their CA issued against its own rules.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-311': { name: 'certificate-name-constraints', means: 'A CA of the chain is not permitted to vouch for a name in the certificate.', side: 'theirs', act: 'Show the partner the detail; their CA issued against its own rules.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-312': { name: 'certificate-unknown-extension', means: 'A certificate of the chain has a critical extension that is not understood here.', side: 'theirs', act: 'Show the partner the detail; a certificate for TLS needs no such extension.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-313': { name: 'certificate-weak-algorithm', means: 'A certificate of the chain relies on an algorithm or key that is too weak.', side: 'theirs', act: 'Ask the partner for a certificate with SHA-256 or better and an EC key or RSA of 2048 bits or more.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-314': { name: 'certificate-wrong-purpose', means: 'The certificate is neither for TLS servers nor for TLS clients.', side: 'theirs', act: 'Ask the partner for a certificate with the extended key usage serverAuth.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-315': { name: 'certificate-unreadable', means: 'What the peer sent is not a certificate in proper DER.', side: 'theirs', act: 'Show the partner the detail.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-316': { name: 'certificate-chain-too-large', means: 'The peer sent more certificates than a chain can have.', side: 'theirs', act: 'Show the partner the detail; a chain has rarely more than four certificates.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-331': { name: 'core-certificate-unknown', means: 'The certificate at the core is not the one, nor the key, that `core.trust` names.', side: 'core', act: 'If the core has a new certificate, put it where `core.trust` points; otherwise look for who answers in its place.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-351': { name: 'tls-not-offered', means: 'The peer offers no STARTTLS; nothing is ever sent in plaintext.', side: 'theirs', act: 'Ask the partner to enable TLS for server-to-server connections.', stanza: 'remote-server-timeout' },
  'SP-352': { name: 'tls-refused', means: 'The peer offered STARTTLS and then refused it.', side: 'theirs', act: 'Their server has probably no usable certificate for the domain; ask the partner to look at its log.', stanza: 'remote-server-timeout' },
  'SP-353': { name: 'tls-version', means: 'No TLS version in common; at least TLS 1.2 is needed.', side: 'theirs', act: 'Ask the partner to enable TLS 1.2 or 1.3.', stanza: 'remote-server-timeout' },
  'SP-354': { name: 'tls-handshake-failed', means: 'The TLS handshake failed.', side: 'theirs', act: 'The detail names the fault; no cipher or group in common is the usual one.', stanza: 'remote-server-timeout' },
  'SP-355': { name: 'tls-connection-lost', means: 'The connection ended during the TLS handshake.', side: 'theirs', act: 'Their server or a middlebox gave up: ask the partner what their log says about our certificate.', stanza: 'remote-server-timeout' },
  'SP-356': { name: 'tls-our-certificate-refused', means: 'The peer refused our certificate in the TLS handshake.', side: 'theirs', act: 'Compare the chain we show (`sallyport status`) with what the partner trusts.', stanza: 'remote-server-timeout' },
  'SP-357': { name: 'tls-renegotiation', means: 'The peer asked for TLS renegotiation.', side: 'theirs', act: 'Renegotiation is forbidden in XMPP; ask the partner to switch it off.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-358': { name: 'tls-session-resumed', means: 'The TLS session was resumed, so that no certificate was shown.', side: 'theirs', act: 'Nothing: it should not happen, and the stream was closed.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-359': { name: 'tls-plaintext-injected', means: 'Data came between the STARTTLS command and the TLS handshake.', side: 'theirs', act: 'An attempt to smuggle plaintext into the secured stream, or a broken server: look at the address.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-360': { name: 'tls-own-certificate-missing', means: 'We have no certificate for the domain that the stream is for.', side: 'ours', act: '`sallyport check` says which file is missing.', stream: 'internal-server-error', stanza: 'remote-server-timeout' },
  'SP-361': { name: 'tls-peer-certificate-missing', means: 'The peer showed no certificate.', side: 'theirs', act: 'Ask the partner to let their server present its certificate on outgoing connections too.', stream: 'not-authorized', stanza: 'remote-server-timeout' },
  'SP-371': { name: 'certificate-expired-live', means: 'The certificate that proved the peer expired while the stream was up.', side: 'theirs', act: 'If the partner has renewed it, the next stream shows the new one; otherwise remind them.', stream: 'reset', stanza: 'remote-server-timeout' },
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
  'SP-442': { name: 'authentication-name-refused', means: 'The peer does not accept that our certificate speaks for our domain.', side: 'theirs', act: 'Check that the certificate names the domain (`sallyport status`).', stanza: 'remote-server-timeout' },
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
  'SP-466': { name: 'peer-silent', means: 'The peer did not answer a ping.', side: 'network', act: 'Nothing, if it is rare; otherwise look for a middlebox that drops idle connections.', stream: 'connection-timeout', stanza: 'remote-server-timeout' },
  'SP-471': { name: 'shutting-down', means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'system-shutdown', stanza: 'remote-server-timeout' },
  'SP-491': { name: 'internal-error', means: 'An error in the gateway itself.', side: 'ours', act: 'Report it with the log line of the reference.', stream: 'internal-server-error', stanza: 'internal-server-error' },
  'SP-501': { name: 'stanza-recipient-missing', means: 'A stanza without a recipient (`to`).', side: 'theirs', act: 'A broken server: show the partner the detail.', stream: 'improper-addressing', stanza: 'jid-malformed' },
  'SP-502': { name: 'stanza-sender-missing', means: 'A stanza without a sender (`from`).', side: 'theirs', act: 'A broken server: show the partner the detail.', stream: 'improper-addressing', stanza: 'jid-malformed' },
  'SP-503': { name: 'stanza-sender-unreadable', means: 'The sender of a stanza is no address at all, so nobody could be answered.', side: 'theirs', act: 'A broken server: show the partner the detail.', stream: 'improper-addressing', stanza: 'jid-malformed' },
  'SP-504': { name: 'stanza-sender-malformed', means: 'The sender of a stanza breaks the rules for addresses.', side: 'theirs', act: 'The sender has a name or nick that XMPP does not allow: they have to choose another one.', stream: 'improper-addressing', stanza: 'jid-malformed' },
  'SP-505': { name: 'stanza-recipient-malformed', means: 'The recipient of a stanza breaks the rules for addresses.', side: 'theirs', act: 'The sender mistyped the address, or their client does not check it.', stream: 'improper-addressing', stanza: 'jid-malformed' },
  'SP-506': { name: 'iq-type', means: 'An iq whose type is none of get, set, result and error.', side: 'theirs', act: 'A broken client or server: show its owner the detail.', stream: 'bad-format', stanza: 'bad-request' },
  'SP-507': { name: 'iq-id-missing', means: 'An iq without an id, so that its answer could not be matched.', side: 'theirs', act: 'A broken client or server: show its owner the detail.', stream: 'bad-format', stanza: 'bad-request' },
  'SP-508': { name: 'presence-type', means: 'A presence of a type that does not exist.', side: 'theirs', act: 'A broken client or server: show its owner the detail.', stream: 'bad-format', stanza: 'bad-request' },
  'SP-509': { name: 'stanza-unparsable', means: 'A stanza that was asked about is no message, presence or iq in well-formed XML.', side: 'ours', act: 'Write one whole stanza, such as `<message><body>hello</body></message>`.', stanza: 'bad-request' },
  'SP-510': { name: 'stanza-may-not-be-answered', means: 'A stanza was refused that may not be answered with an error, so its sender was told nothing.', side: 'theirs', act: 'Nothing: errors, results and presence that ends are never answered.' },
  'SP-601': { name: 'stanza-too-large', means: 'The peer sent an element larger than allowed.', side: 'theirs', act: 'If it is honest, raise `limits.stanzaBytes`.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-602': { name: 'stanza-too-deep', means: 'The peer sent elements nested deeper than allowed.', side: 'theirs', act: 'No honest stanza is that deep; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-603': { name: 'stanza-attributes', means: 'The peer sent an element with more attributes than allowed.', side: 'theirs', act: 'No honest element has that many; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-604': { name: 'stanza-elements', means: 'The peer sent a stanza of more elements than allowed.', side: 'theirs', act: 'No honest stanza has that many; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-605': { name: 'stanza-names', means: 'The peer sent a longer name, or more namespace declarations at once, than allowed.', side: 'theirs', act: 'No honest stanza needs that; show the partner the detail.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-606': { name: 'stream-header-too-large', means: 'The peer sent a stream header larger than allowed.', side: 'theirs', act: 'Something else than an XMPP server connected, or somebody probes us.', stream: 'policy-violation', stanza: 'remote-server-timeout' },
  'SP-621': { name: 'queue-full', means: 'As many stanzas as allowed already wait for the domain.', side: 'ours', act: 'The way to the domain is slow or down: `sallyport status` shows the queue and the last failure.', stanza: 'resource-constraint' },
  'SP-622': { name: 'links-all-in-use', means: 'As many links as allowed are in use.', side: 'ours', act: 'Raise `limits.links` if the load is honest.', stanza: 'resource-constraint' },
  'SP-623': { name: 'queue-wait', means: 'The stanza waited as long as allowed and could not be sent.', side: 'theirs', act: 'The way to the domain is slow or down: `sallyport status` shows the queue and the last failure.', stanza: 'remote-server-timeout' },
  'SP-651': { name: 'connections-total', means: 'As many connections as allowed are open.', side: 'ours', act: 'Raise `limits.connections` if the load is honest.' },
  'SP-652': { name: 'connections-per-address', means: 'As many connections as allowed are open from this address.', side: 'theirs', act: 'If it is a partner, raise `limits.connectionsPerAddress`.' },
  'SP-701': { name: 'store-unavailable', means: 'The store for records cannot be opened.', side: 'ours', act: 'Check that the directory of `store:` exists and may be written by the gateway.', stanza: 'internal-server-error' },
  'SP-702': { name: 'records-lost', means: 'Records could not be written and were dropped.', side: 'ours', act: 'The disk is full or too slow: the log has the first error and `sallyport status` the number.' },
  'SP-703': { name: 'record-unknown', means: 'No record is kept under the reference.', side: 'ours', act: 'Check the spelling; records are deleted when the time of `limits.recordsKept` has passed.' },
  'SP-704': { name: 'store-too-new', means: 'The store was written by a newer version of the gateway.', side: 'ours', act: 'Start that version again, or give this one another `store:`.' },
  'SP-705': { name: 'store-damaged', means: 'The store is damaged.', side: 'ours', act: 'Move the file away and start again; the gateway makes a new one. Keep the old one for a repair with `sqlite3`.' },
  'SP-901': { name: 'configuration-faulty', means: 'The configuration has mistakes, so nothing was started.', side: 'ours', act: 'Mend what the list of mistakes says; `sallyport check` reads the files again.' },
  'SP-902': { name: 'configuration-missing', means: 'There is no `federation-config/gateway.yaml`.', side: 'ours', act: '`sallyport quickstart <domain> --core <host:port>` writes one, or start the evaluation set-up with `npm start`.' },
  'SP-903': { name: 'configuration-not-applied', means: 'The configuration was changed to something faulty, so the settings from before stay in force.', side: 'ours', act: 'Mend what `sallyport status` lists.' },
  'SP-904': { name: 'configuration-needs-restart', means: 'A setting was changed that only applies after a restart.', side: 'ours', act: 'Restart the gateway when it suits.' },
  'SP-911': { name: 'port-in-use', means: 'Another program listens on the address and port.', side: 'ours', act: '`ss -ltnp` shows which one; stop it or set another port under `listen:`.' },
  'SP-912': { name: 'port-not-permitted', means: 'The gateway may not listen on the port.', side: 'ours', act: 'Ports below 1024 need a right: `AmbientCapabilities=CAP_NET_BIND_SERVICE` in the unit, or set a higher port under `listen:`.' },
  'SP-913': { name: 'address-not-ours', means: 'This host does not have the address to listen on.', side: 'ours', act: '`ip address` shows which it has; set one of them under `listen:`.' },
  'SP-921': { name: 'own-certificate-missing', means: 'The certificate file of a domain is missing.', side: 'ours', act: 'Put the certificate with its chain where the detail says, or name another file under `domains:`.' },
  'SP-922': { name: 'own-key-missing', means: 'The key file of a domain is missing.', side: 'ours', act: 'Put the key where the detail says, or name another file under `domains:`.' },
  'SP-923': { name: 'own-key-mismatch', means: 'The key does not belong to the certificate.', side: 'ours', act: 'Renew both together; the old pair stays in use meanwhile.' },
  'SP-924': { name: 'own-certificate-unreadable', means: 'The certificate or key file is not in the expected form.', side: 'ours', act: 'Both are PEM files; the certificate of the domain comes first, its chain after it, and the key has no pass phrase.' },
  'SP-925': { name: 'own-certificate-expired', means: 'The certificate of a domain has expired or is not valid yet.', side: 'ours', act: 'Renew it; new files are taken into use without a restart.' },
  'SP-926': { name: 'own-certificate-name', means: 'The certificate of a domain does not name the domain.', side: 'ours', act: 'Get one that names the domain itself, as DNS name or as `_xmpp-server` service name.' },
  'SP-927': { name: 'own-certificate-expires-soon', means: 'The certificate of a domain expires soon.', side: 'ours', act: 'Renew it; new files are taken into use without a restart.' },
  'SP-931': { name: 'evaluation-certificate-public', means: 'A certificate of the evaluation set-up would be shown on a public address.', side: 'ours', act: 'Evaluation certificates are for loopback only: get a real one, or listen on 127.0.0.1.' },
  'SP-932': { name: 'internal-ca-exclusion', means: 'The internal CA is able to vouch for one of our own domains.', side: 'ours', act: 'The domain was added after the CA was made: remove `certs/internal-ca/`, restart, and give the new CA certificate to the core.' },
  'SP-933': { name: 'internal-ca-unusable', means: 'The internal CA cannot be read or has expired.', side: 'ours', act: 'Restore `certs/internal-ca/` from a backup, or remove it, restart, and give the new CA certificate to the core.' },
  'SP-934': { name: 'trust-file-unusable', means: 'A file with trusted certificates is missing or holds none.', side: 'ours', act: 'Put PEM certificates where the detail says.' },
  'SP-935': { name: 'file-readable-by-others', means: 'A file with a secret may be read by others.', side: 'ours', act: '`chmod 600` the file that the detail names.' },
  'SP-941': { name: 'control-unreachable', means: 'No gateway answers on the control socket.', side: 'ours', act: 'Start it with `npx sallyport serve`, or run the command in the directory of the one that runs.' },
  'SP-942': { name: 'control-in-use', means: 'A gateway runs in this directory already.', side: 'ours', act: '`sallyport status` shows it; stop that one first.' },
  'SP-943': { name: 'control-operation-unknown', means: 'The gateway does not know the operation that was asked for.', side: 'ours', act: 'Command and gateway are of different versions: restart the gateway.' },
  'SP-944': { name: 'control-input', means: 'What was asked of the gateway is not in the expected form.', side: 'ours', act: 'The detail says which field and what is expected.' },
  'SP-951': { name: 'partner-exists', means: 'The partner list has the domain already.', side: 'ours', act: '`sallyport partner show <domain>` shows it, `sallyport partner set <domain>` changes it.' },
  'SP-952': { name: 'partner-not-listed', means: 'The partner list does not have the domain.', side: 'ours', act: '`sallyport partner list` shows all, `sallyport partner add <domain>` adds one.' },
  'SP-953': { name: 'partner-ambiguous', means: 'Two partner entries claim the same domain.', side: 'ours', act: 'Take it out of one of them; the detail names both files.' },
  'SP-954': { name: 'partner-own-domain', means: 'A partner entry claims one of our own domains.', side: 'ours', act: 'Take the domain out of the entry, or out of `domains:`.' },
} as const satisfies Record<string, Reason>

export type ReasonId = keyof typeof REASONS

/** The ids of the catalogue, in order. */
export const reasonIds = (): readonly ReasonId[] => Object.keys(REASONS).filter(isReasonId)

/** Is this the id of a reason? */
export const isReasonId = (text: string): text is ReasonId => Object.hasOwn(REASONS, text)

/** The entry behind an id. */
export const reason = (id: ReasonId): Reason => REASONS[id]

/** What a stream that ends for this reason is closed with, where one must be named. RFC 6120 §4.9.3. */
export const streamCondition = (id: ReasonId): StreamCondition => reason(id).stream ?? 'undefined-condition'

/** What a stanza refused for this reason is answered with. RFC 6120 §8.3.3. */
export const stanzaCondition = (id: ReasonId): StanzaCondition => reason(id).stanza ?? 'undefined-condition'
