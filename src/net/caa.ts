// Which CAs may issue certificates for a domain, where its owner has said so in DNS (CAA, RFC 8659). A CA that is not
// named refuses, and whoever orders there learns it only then.

import { Resolver } from 'node:dns/promises'

export interface CaaOptions {
  /** As `node:dns` takes them; empty: the operating system's. */
  readonly servers: readonly string[]
  readonly timeoutMs: number
}

/** `at`: the name that has the records, the domain or one above it; `issue`: the CAs that it names. */
export type Caa =
  | { readonly found: true; readonly at: string; readonly issue: readonly string[] }
  | { readonly found: false; readonly detail: string }

/** The records that count for a canonical domain: those of the closest name that has any. RFC 8659 §3. Never rejects. */
export async function findCaa(domain: string, { servers, timeoutMs }: CaaOptions): Promise<Caa> {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
  if (servers.length > 0) resolver.setServers(servers)
  const labels = domain.split('.')
  for (let first = 0; first < labels.length; first++) {
    const at = labels.slice(first).join('.')
    try {
      const records = await resolver.resolveCaa(at)
      if (records.length > 0) return { found: true, at, issue: records.flatMap(caOf) }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      if (!NONE.has(code)) return { found: false, detail: `DNS does not say (${code})` }
    }
  }
  return { found: false, detail: 'no CAA records: every CA may' }
}

/** `letsencrypt.org; validationmethods=…` names one CA, `;` none. RFC 8659 §4.2 */
const caOf = ({ issue = '' }: { readonly issue?: string | undefined }): string[] => {
  const ca = issue.split(';')[0]?.trim() ?? ''
  return ca === '' ? [] : [ca]
}

const NONE: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND'])
