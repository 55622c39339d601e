// What is changed in the installation of a gateway while it runs, as whoever administers it would: files are written beside
// those that they replace, and take their places whole.

import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '../case.ts'
import type { Authority, Ending } from './authority.ts'

/** Changes for a certificate that ends soon. */
const ENDING: Readonly<Partial<Record<Change, Ending>>> = {
  'our certificate is for a month': 'month',
  'our certificate is for a week': 'week',
  'our certificate is for a day': 'day',
}

export interface ChangeOptions {
  /** Of the installation. */
  readonly directory: string
  /** Which of its domains it is about. */
  readonly domain: string
  readonly authority: Authority
  /** A CA that counts only where an entry names it. */
  readonly partner: Authority
}

/** The gateway notices by itself, some time after this resolves. */
export async function change(what: Change, { directory, domain, authority, partner }: ChangeOptions): Promise<void> {
  const put = async (name: string, content: string, mode = 0o644): Promise<void> => {
    const file = join(directory, name)
    await writeFile(`${file}.new`, content, { mode })
    await rename(`${file}.new`, file)
  }
  switch (what) {
    case 'our key is gone':
      return rm(join(directory, `certs/${domain}/privkey.pem`))
    case 'our certificate is another':
    case 'our certificate is for a month':
    case 'our certificate is for a week':
    case 'our certificate is for a day': {
      const { cert, key } = await authority.ours(domain, ENDING[what])
      await put(`certs/${domain}/privkey.pem`, key, 0o600)
      return put(`certs/${domain}/fullchain.pem`, cert)
    }
    case 'a further CA is trusted':
      return put('certs/anchors.pem', `${authority.pem}${partner.pem}`)
    case 'our domain is given up': {
      const name = 'federation-config/gateway.yaml'
      const settings: unknown = JSON.parse(await readFile(join(directory, name), 'utf8'))
      return put(name, `${JSON.stringify(withoutDomain(settings, domain), undefined, 2)}\n`)
    }
    default:
      return what satisfies never
  }
}

function withoutDomain(settings: unknown, domain: string): unknown {
  if (typeof settings !== 'object' || settings === null || !('domains' in settings)) throw new Error('no domains')
  return {
    ...settings,
    domains: Object.fromEntries(Object.entries(Object(settings.domains)).filter(([name]) => name !== domain)),
  }
}
