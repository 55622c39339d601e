// A user with Converse.js, a client in a web page: the page, from a small web server with Converse's own files, and somebody who
// types and clicks in it. What goes over the WebSocket is kept, as the browser tells of it.

import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import { extname, join } from 'node:path'
import type { BrowserContext, Page } from 'puppeteer-core'
import type { Chromium } from './browser.ts'
import type { Issued } from './pki.ts'
import type { Cleanup } from './program.ts'
import { PASSWORD } from './server.ts'
import { eventually } from './within.ts'

const FILES = join(import.meta.dirname, '../../node_modules/converse.js/dist')
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

/**
 * Where the WebSocket is, is not said: the client finds it out (XEP-0156). `more`: further settings, JavaScript.
 * @returns HTML
 */
const pageWith = (more: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Chat</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/dist/converse.min.css">
<script type="module" src="/dist/converse.min.js"></script>
<body class="converse-fullscreen">
<div id="conversejs-bg"></div>
<script type="module">
converse.initialize({
  assets_path: '/dist/',
  discover_connection_methods: true,
  view_mode: 'fullscreen',
  i18n: 'en',
  auto_reconnect: true,
  muc_nickname_from_jid: true,
  allow_registration: false,
  xmpp_providers_url: '',
  show_desktop_notifications: false,
  play_sounds: false,
  ${more}
})
</script>
`

/** Of a page where one user logs in by certificate, with nothing to fill in. COMPAT: Converse.js 14 tries SCRAM without a password first. */
export const byCard = (user: string): string =>
  `authentication: 'external', jid: '${user}', auto_login: true, connection_options: { mechanisms: [converse.env.Strophe.SASLExternal] },`

/** Serves the page, and Converse's files, on port 443; `settings`: more of them, JavaScript. */
export async function serveConverse(
  t: Cleanup,
  o: { readonly address: string; readonly certificate: Issued; readonly settings?: string },
): Promise<Server> {
  const { fullchainPem: cert, keyPem: key } = o.certificate
  const server = createServer({ cert, key }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://page.test')
    if (pathname === '/') {
      response.setHeader('Content-Type', 'text/html').end(pageWith(o.settings ?? ''))
      return
    }
    const type = TYPES[extname(pathname)] ?? 'application/octet-stream'
    readFile(join(FILES, pathname.replace(/^\/dist\//, ''))).then(
      (bytes) => response.setHeader('Content-Type', type).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(443, o.address, resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return server
}

export interface Frame {
  readonly sent: boolean
  readonly text: string
}

export class Converse implements AsyncDisposable {
  readonly frames: Frame[] = []
  /** Where it found the WebSocket, each time that it connected. */
  readonly urls: string[] = []
  readonly #context: BrowserContext
  readonly #page: Page
  readonly #folder: string
  readonly #notes: string[] = []

  private constructor(context: BrowserContext, page: Page, folder: string) {
    this.#context = context
    this.#page = page
    this.#folder = folder
  }

  /** Opens the page, as somebody whom the browser has never seen. */
  static async open({ browser, folder }: Chromium, url: string): Promise<Converse> {
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    const converse = new Converse(context, page, folder)
    page.setDefaultTimeout(20_000)
    page.on('console', (message) => converse.#notes.push(message.text()))
    page.on('pageerror', (error) => converse.#notes.push(String(error)))
    const wire = await page.createCDPSession()
    wire.on('Network.webSocketCreated', (event) => converse.urls.push(event.url))
    wire.on('Network.webSocketFrameSent', ({ response }) =>
      converse.frames.push({ sent: true, text: response.payloadData }),
    )
    wire.on('Network.webSocketFrameReceived', ({ response }) =>
      converse.frames.push({ sent: false, text: response.payloadData }),
    )
    await wire.send('Network.enable')
    await page.goto(url)
    return converse
  }

  /** Fills in the form, and sends it. */
  async logIn(address: string, password = PASSWORD): Promise<void> {
    await this.#page.locator('#converse-login input[name=jid]').fill(address)
    await this.#page.locator('#converse-login input[name=password]').fill(password)
    await this.click('#converse-login button[type=submit]')
  }

  /** Opens a chat, or a room, as a link in a page does. A chat it only puts on the list, from where it is chosen. */
  async show(kind: 'chat' | 'room', address: string): Promise<void> {
    await this.#page.evaluate(`location.hash = '#converse/${kind}?jid=${address}'`)
    if (kind === 'chat') await this.click(`converse-roster .open-chat[data-jid="${address}"]`)
  }

  /** Types into the chat or room that is shown. */
  async say(address: string, words: string): Promise<void> {
    const field = `.chatbox[jid="${address}"] .chat-textarea`
    await this.#page.waitForSelector(field, { visible: true })
    await this.#page.focus(field)
    await this.#page.keyboard.type(words)
    await this.#page.keyboard.press('Enter')
  }

  /** Chooses a file to send in the chat that is shown. */
  async attach(address: string, file: string): Promise<void> {
    const field = `.chatbox[jid="${address}"] input.fileupload`
    await this.#page.waitForSelector(field)
    const choosing = this.#page.waitForFileChooser()
    await this.#page.evaluate(`document.querySelector(${JSON.stringify(field)}).click()`)
    await (await choosing).accept([file])
  }

  async click(selector: string): Promise<void> {
    await this.#page.locator(selector).click()
  }

  /** The texts of what matches, now. */
  async texts(selector: string): Promise<readonly string[]> {
    const texts: unknown = await this.#page.evaluate(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.innerText.trim())`,
    )
    return Array.isArray(texts) ? texts.map(String) : []
  }

  /** The messages that are shown. */
  async messages(): Promise<readonly string[]> {
    return await this.texts('.chat-msg__text')
  }

  /** Waits until something that matches has such a text; gives it back. */
  async expect(selector: string, text: RegExp): Promise<string> {
    let last: readonly string[] = []
    return await eventually(
      () => `${text} in ${selector}, which has ${JSON.stringify(last)}\n${this.#told()}`,
      async () => {
        last = await this.texts(selector)
        return last.find((one) => text.test(one))
      },
      { ms: 20_000 },
    )
  }

  /** Waits for a frame that matches, of those since the mark; gives it back. */
  async heard(text: RegExp, since = 0): Promise<string> {
    return await eventually(
      () => `${text} on the wire\n${this.#told()}`,
      () => this.frames.slice(since).find((frame) => text.test(frame.text))?.text,
      { ms: 20_000 },
    )
  }

  /** Waits until the browser has told its console so. */
  async noted(text: RegExp): Promise<void> {
    await eventually(
      () => `${text} at the console\n${this.#told()}`,
      () => this.#notes.find((note) => text.test(note)),
      { ms: 20_000 },
    )
  }

  /** Takes a picture of the page. */
  async picture(name: string): Promise<void> {
    await this.#page.screenshot({ path: join(this.#folder, `${name}.png`) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close()
  }

  #told(): string {
    const frames = this.frames.slice(-15).map(({ sent, text }) => `${sent ? '>' : '<'} ${text.slice(0, 300)}`)
    return [...this.#notes.slice(-15), ...frames].join('\n')
  }
}
