// The DNS records that lead partners and remote users to the gateway. RFC 6120 §3.2.1, XEP-0368 §3.

/** The name of the gateway in public DNS, unless another is chosen: one for all our domains, below the first of them. */
export const defaultHost = (firstDomain: string): string => `xmpp.${firstDomain}`

/** The SRV record that leads from one of our domains to the gateway's host, as a line of a zone file. */
export function srvRecord(domain: string, port: number, host: string, tls: 'starttls' | 'direct' = 'starttls'): string {
  return `${tls === 'direct' ? '_xmpps-server' : '_xmpp-server'}._tcp.${domain}. 3600 IN SRV 0 5 ${port} ${host}.`
}

/** The same for clients of remote users. */
export function clientRecord(domain: string, port: number, host: string, tls: 'starttls' | 'direct'): string {
  return `${tls === 'direct' ? '_xmpps-client' : '_xmpp-client'}._tcp.${domain}. 3600 IN SRV 0 5 ${port} ${host}.`
}

/** The address record of the host that SRV records point to. */
export function addressRecord(host: string, address: string | undefined): string {
  const kind = address?.includes(':') === true ? 'AAAA' : 'A'
  return `${host}. 3600 IN ${kind} ${address ?? '<public address of this gateway>'}`
}
