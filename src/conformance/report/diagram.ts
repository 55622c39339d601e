// The set-up of a run as a picture: who stood where, and what was spoken between them.

import { escaped } from './escape.ts'

/** @param partners live ones that were met too, by a copy of the installation. @returns SVG */
export function diagram(partners: readonly string[] = []): string {
  const height = partners.length === 0 ? 190 : 300
  return `<svg viewBox="0 0 720 ${height}" role="img" aria-label="Scripted peers outside, the gateway, and the core inside${partners.length === 0 ? '' : '; live partners, a copy of the installation, and the core'}" font-family="system-ui, sans-serif" font-size="14">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#46505c"/></marker></defs>
<g fill="#f3f5f8" stroke="#8a94a0"><rect x="10" y="55" width="170" height="80" rx="8"/><rect x="275" y="35" width="170" height="120" rx="8" fill="#e4f0e9" stroke="#1f7a4d" stroke-width="2"/><rect x="540" y="55" width="170" height="80" rx="8"/></g>
<g fill="#1b2430" text-anchor="middle"><text x="95" y="90" font-weight="600">Scripted peers</text><text x="95" y="112">one for each run</text><text x="360" y="85" font-weight="600">Sallyport</text><text x="360" y="107">system under test</text><text x="625" y="90" font-weight="600">Core</text><text x="625" y="112">of the laboratory</text></g>
<g stroke="#46505c" stroke-width="1.5" marker-start="url(#tip)" marker-end="url(#tip)"><line x1="186" y1="95" x2="269" y2="95"/><line x1="451" y1="95" x2="534" y2="95"/></g>
<g fill="#46505c" text-anchor="middle" font-size="12"><text x="228" y="80">s2s, TLS</text><text x="228" y="115">IPv4, IPv6</text><text x="492" y="80">s2s, TLS</text><text x="492" y="115">IPv6, else IPv4</text></g>
<g stroke="#8a94a0" stroke-dasharray="5 5"><line x1="228" y1="10" x2="228" y2="60"/><line x1="228" y1="130" x2="228" y2="180"/></g><text x="20" y="24" fill="#46505c">outside</text><text x="700" y="24" text-anchor="end" fill="#46505c">inside</text>
${partners.length === 0 ? '' : withPartners(partners)}</svg>`
}

/** So many names have room in the box. */
const NAMED = 2

/** Below it: the same with live partners, whose streams come to the installation's own names. */
function withPartners(partners: readonly string[]): string {
  const more = partners.length > NAMED ? ` and ${partners.length - NAMED} more` : ''
  const names = `${partners.slice(0, NAMED).map(shortened).join(', ')}${more}`
  return `<g fill="#f3f5f8" stroke="#8a94a0"><rect x="10" y="205" width="170" height="80" rx="8"/><rect x="275" y="205" width="170" height="80" rx="8" fill="#e4f0e9" stroke="#1f7a4d" stroke-width="2"/><rect x="540" y="205" width="170" height="80" rx="8"/></g>
<g fill="#1b2430" text-anchor="middle"><text x="95" y="238" font-weight="600">Live partners</text><text x="95" y="260" font-size="11">${escaped(names)}</text><text x="360" y="238" font-weight="600">Sallyport</text><text x="360" y="260">copy of an installation</text><text x="625" y="238" font-weight="600">Core</text><text x="625" y="260">of the laboratory</text></g>
<g stroke="#46505c" stroke-width="1.5" marker-start="url(#tip)" marker-end="url(#tip)"><line x1="186" y1="245" x2="269" y2="245"/><line x1="451" y1="245" x2="534" y2="245"/></g>
`
}

const shortened = (name: string): string => (name.length <= 18 ? name : `${name.slice(0, 17)}…`)
