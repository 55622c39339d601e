// What we ask of a partner's administrator, by reason: plain sentences to somebody who does not know this gateway. The
// catalogue's `act` is for us; this is the same for them.

import type { ReasonId } from '../../xmpp/reasons.ts'

interface Names {
  /** Theirs. */
  readonly domain: string
  /** Ours. */
  readonly ours: string
}

const PORTS = 'port 5269 (or the port of your SRV record)'
const LOG = 'Please look up what your server logged about our attempt at the time given below, and tell us.'

const REQUESTS: { readonly [Id in ReasonId]?: string } = {
  'SP-201': 'Please check that the domain exists in public DNS and is delegated properly.',
  'SP-202':
    'Please publish an SRV record _xmpp-server._tcp.DOMAIN that leads to a host with an A or AAAA record, or an address for the domain itself.',
  'SP-203': 'Please check that all name servers of your domain answer from the Internet.',
  'SP-204':
    'Please check the name servers of your domain, and DNSSEC if it is signed: the resolvers we ask get no valid answer.',
  'SP-205':
    'Your SRV record says that the domain offers no XMPP service to other servers (target "."). If it should, please publish where; otherwise tell us which domain we should talk to.',
  'SP-211': `Please check that your XMPP server runs, and that it accepts connections of other servers at ${PORTS}.`,
  'SP-212': `Please check that your firewall lets connections from us reach ${PORTS}: our packets stay without an answer.`,
  'SP-213': 'Please check that the address is routed on the Internet.',
  'SP-215': LOG,
  'SP-223':
    'Please check that your server finds OURS in DNS (_xmpp-server._tcp.OURS) and may connect to it: we waited for a connection of yours, and none came.',
  'SP-224': 'Please check that your server answers pings (XEP-0199) that other servers address to DOMAIN.',
  'SP-301':
    'Please install a certificate that names DOMAIN itself (as DNS name, or as SRV name _xmpp-server.DOMAIN); the name of the host that serves it does not count.',
  'SP-302': 'Please renew the certificate, and see that the server has loaded the new one.',
  'SP-303': 'Please check from when on the certificate is valid, and the clock of the machine that made it.',
  'SP-304': 'Please install a certificate of a public CA, or send us the certificate of your CA by a way we can trust.',
  'SP-305': 'Please install a certificate of a public CA, or send us the certificate of your CA by a way we can trust.',
  'SP-306': 'Please let the server send the full chain (fullchain.pem): the certificate of the issuing CA is missing.',
  'SP-307':
    'We know your server by its key, and it shows another one. Please tell us, by another way than XMPP, whether you have changed it, and the fingerprint of the new one.',
  'SP-313': 'Please install a certificate with an EC key or an RSA key of at least 2048 bits, signed with SHA-256.',
  'SP-314': 'Please install a certificate with the extended key usage serverAuth and the key usage digitalSignature.',
  'SP-317': 'Please install a certificate that is issued under a policy we accept: none of those it names will do.',
  'SP-318': 'Please install a certificate with both extended key usages, serverAuth and clientAuth.',
  'SP-351': 'Please enable STARTTLS for connections of other servers: we never talk in plaintext.',
  'SP-352':
    'Your server offers STARTTLS and then refuses it: please check that it has a usable certificate for DOMAIN.',
  'SP-353': 'Please enable TLS 1.2 or, better, TLS 1.3 for connections of other servers.',
  'SP-354': 'Please check the TLS settings of that port: the handshake does not come about.',
  'SP-355': LOG,
  'SP-356': 'Your server refuses our certificate. Please tell us why; it is described below.',
  'SP-361': 'Please let your server show its certificate on its outgoing connections too.',
  'SP-401': 'Please check which service answers at that port: what we get is no XMPP.',
  'SP-405': 'Please check which service answers at that port: what we get is no XMPP between servers.',
  'SP-406': 'Please check which service answers at that port: what we get is no XMPP.',
  'SP-407': 'Please check which service answers at that port: what we get is no XMPP.',
  'SP-422': 'Please update the server: it speaks a version of XMPP before 1.0.',
  'SP-423': 'Please check the port: it seems to be the one for clients.',
  'SP-430': 'Your server takes our connection and then says nothing. Please check that it is not overloaded.',
  'SP-432':
    'Please let your server offer SASL EXTERNAL to us. It does so only if it trusts our certificate, which is described below.',
  'SP-434': 'Please check that this server is the one for DOMAIN: it calls itself something else.',
  'SP-441':
    'Your server offers SASL EXTERNAL and then refuses our certificate. Please tell us why; it is described below.',
  'SP-442':
    'Your server does not accept that our certificate speaks for OURS. Please tell us why; it is described below.',
  'SP-451': 'Please check that your server serves DOMAIN, or correct the DNS records that lead there.',
  'SP-452':
    'Your server says that we have not proven our name. Please tell us why; our certificate is described below.',
  'SP-453': 'The policy of your server does not admit us. Please admit OURS.',
  'SP-470':
    'The server that DNS names for DOMAIN does not know the dialback key that your server showed us. Please check that all your servers share the dialback secret.',
  'SP-472': 'Please let your server show a certificate that names DOMAIN: we take nothing less for proof.',
  'SP-473':
    'We could not ask the server that DNS names for DOMAIN about your dialback key. Please check that it answers us.',
  'SP-474':
    'The server that DNS names for DOMAIN did not answer in time when we asked about your dialback key. Please check that it is not overloaded.',
  'SP-477':
    'Your server was told that our dialback key is false. Please check that it finds OURS in DNS (_xmpp-server._tcp.OURS), and asks there.',
  'SP-478':
    'Your server could not verify us by dialback. Please check that it finds OURS in DNS (_xmpp-server._tcp.OURS), and may connect to it.',
}

/** The request to their administrator, in one or two sentences. */
export function requestFor(reason: ReasonId, { domain, ours }: Names): string {
  return (REQUESTS[reason] ?? LOG).replaceAll('DOMAIN', domain).replaceAll('OURS', ours)
}
