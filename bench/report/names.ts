// What contestants and workloads are called where people read of them.

const CONTESTANTS: Readonly<Record<string, string>> = {
  sallyport: 'Sallyport',
  prosody: 'Prosody',
  haproxy: 'HAProxy',
  pipe: 'bare Node pipe',
  'tls-server': 'bare Node TLS',
  'node-crypto': 'bare signatures',
}

export const contestantName = (contestant: string): string => CONTESTANTS[contestant] ?? contestant

export interface Title {
  readonly title: string
  /** What is done, in a few words. */
  readonly about?: string
}

const WORKLOADS: Readonly<Record<string, Title>> = {
  'bulk-in': { title: 'Bulk in', about: '281-byte chats over one stream of a partner, to a component' },
  'bulk-out': { title: 'Bulk out', about: '281-byte chats of a component, over one stream to a partner' },
  through: { title: 'Through', about: '281-byte chats of a partner, to a core that is a server' },
  many: { title: 'Many', about: '200 streams of 200 partners, each stanza in a write of its own' },
  mixed: { title: 'Mixed', about: 'chats, presence, questions with their answers, and 2% of 8 to 60 KB' },
  'bulk-in-10000': { title: 'Bulk in, long list', about: 'with 10,000 partners on the list' },
  'many-10000': { title: 'Many, long list', about: 'with 10,000 partners on the list' },
  'policy-bulk-in': { title: 'Bulk in, policy', about: 'with 10,000 partners, 200 groups and 30 rules' },
  'latency-500': { title: 'Latency at 500/s' },
  'latency-1000': { title: 'Latency at 1,000/s' },
  handshakes: { title: 'New streams' },
  idle: { title: 'Idle', about: 'memory for each stream, with 5,000 of them' },
  stalled: {
    title: 'Stalled',
    about: 'memory gained while the far end takes nothing for 20 s and up to 1 GB is offered',
  },
  'trust-newcomers': { title: 'New streams of strangers', about: 'each with a certificate that was never seen' },
  'trust-chains': { title: 'Chains', about: 'the verdict on a chain of three certificates' },
  'trust-crl': { title: 'A long CRL', about: 'of 100,000 entries' },
  'policy-relations': { title: 'Who knows whom', about: 'a million relations' },
  'policy-reload': { title: 'Read again', about: 'that configuration, while 500 chats a second cross' },
  'policy-load': { title: 'Read at the start', about: 'that configuration' },
  'remote-idle': { title: 'Idle sessions', about: 'memory for each, with 8,000 of them' },
  'remote-log-ins': { title: 'Log-ins', about: 'through the gateway, and straight to the same core' },
  'remote-log-ins-shared': { title: 'Log-ins, all on the same processors', about: 'the same on one host' },
  'remote-chat': { title: 'Chats', about: 'round trips of 500 a second over 500 sessions' },
  'remote-turns': { title: 'In turn', about: 'a stanza of each of 1,000 sessions at a time' },
  'remote-reconnect': { title: 'All come again', about: '8,000 sessions, cut off at once' },
}

export const workloadTitle = (workload: string): Title => WORKLOADS[workload] ?? { title: workload }
