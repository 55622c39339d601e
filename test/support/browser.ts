// Chromium without a window, with a profile of its own. Names are where the test says, and a certificate is believed when its key
// is one of those the test names, whatever else is in it: what certificates say is for other tests.

import { X509Certificate, createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { launch, type Browser } from 'puppeteer-core'
import { CHROMIUM, withCard, type BrowserCard } from './browser-card.ts'
import { temporaryFolder } from './pki.ts'
import type { Cleanup } from './program.ts'

export interface BrowserOptions {
  /** Name → address, with a port where connections to 443 go to another one. Nothing else is anywhere. */
  readonly names: Readonly<Record<string, string>>
  /** Files with certificates, of which the first counts. */
  readonly believed: readonly string[]
  /** A certificate that it shows without asking anybody. */
  readonly card?: BrowserCard
}

export interface Chromium {
  readonly browser: Browser
  /** Where pictures of it may lie. */
  readonly folder: string
}

/** Starts it. */
export async function startChromium(t: Cleanup, o: BrowserOptions): Promise<Chromium> {
  let browser: Browser | undefined
  t.after(() => browser?.close()) // Before its folders are taken away.
  const folder = process.env['BROWSER_PICTURES'] ?? (await temporaryFolder(t))
  const keys = await Promise.all(o.believed.map(async (file) => keyHash(await readFile(file))))
  const rules = Object.entries(o.names).map(([name, to]) => `MAP ${name} ${to}`)
  browser = await launch({
    ...(o.card ? await withCard(t, o.card) : { executablePath: CHROMIUM }),
    headless: true,
    pipe: true, // it ends when we do
    userDataDir: join(await temporaryFolder(t), 'profile'),
    defaultViewport: { width: 1200, height: 800 },
    args: [
      '--no-sandbox', // as root there is none
      '--disable-quic',
      `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND'].join(', ')}`,
      `--ignore-certificate-errors-spki-list=${keys.join(',')}`,
    ],
  })
  return { browser, folder }
}

/** SHA-256 of the public key of a certificate in PEM, in Base64. */
function keyHash(pem: Buffer): string {
  const key = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(key).digest('base64')
}
