// A line of the table for whoever keeps the firewall.

/** Addresses and ports as they are shown; `verdict`: what the firewall is to do with such a connection. */
export interface FirewallRule {
  readonly from: string
  readonly to: string
  readonly port: string
  readonly verdict: 'allow' | 'deny'
  readonly why: string
}
