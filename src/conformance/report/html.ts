// The report to hand in: one page of HTML that prints on A4 and reads on a phone, with nothing to fetch.

import { escaped } from './escape.ts'
import { ipAnnex, limitsAnnex, pkiAnnex, tlsAnnex } from './html/annexes.ts'
import { baselineAnnex } from './html/baselines.ts'
import { cover } from './html/cover.ts'
import { discrepancies } from './html/discrepancies.ts'
import { appendix, caseTable } from './html/evidence.ts'
import { letter } from './html/letter.ts'
import type { Sources } from './html/sources.ts'
import { STYLE } from './html/style.ts'
import { pairwise } from './html/pairwise.ts'
import { interfaces, partners, system } from './html/system.ts'
import { areas, requirementTable } from './html/verdicts.ts'
import type { Report } from './report.ts'

type Part = readonly [anchor: string, title: string, write: (sources: Sources) => string]

const PARTS: readonly Part[] = [
  ['system', 'System under test', system],
  ['interfaces', 'Interfaces and ports', interfaces],
  ['partners', 'Partners', partners],
  ['pairwise', 'Live partners', pairwise],
  ['areas', 'Results by area', areas],
  ['discrepancies', 'Discrepancies', discrepancies],
  ['requirements', 'Requirements', requirementTable],
  ['annex-tls', 'Annex A: TLS', tlsAnnex],
  ['annex-pki', 'Annex B: certificates', pkiAnnex],
  ['annex-ip', 'Annex C: IPv6', ipAnnex],
  ['annex-limits', 'Annex D: limits', limitsAnnex],
  ['annex-fmn', 'Annex E: baselines of FMN', baselineAnnex],
  ['letter', 'Letter of compliance', letter],
  ['cases', 'Cases', caseTable],
  ['evidence', 'Evidence', appendix],
]

export function htmlOf(report: Report, cases: Sources['cases'], requirements: Sources['requirements']): string {
  const { version, profile } = report.system
  const sources = { report, cases, requirements }
  // Other profiles are held against none of them.
  const parts = PARTS.filter(([anchor]) => anchor !== 'annex-fmn' || report.baselines !== undefined)
  const contents = parts.map(([anchor, title]) => `<li><a href="#${anchor}">${title}</a></li>`).join('')
  const sections = parts.map(
    ([anchor, title, write]) => `<section id="${anchor}"><h2>${title}</h2>\n${write(sources)}\n</section>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sallyport ${escaped(version)}, conformance under ${escaped(profile)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${cover(sources)}
<nav><h2>Contents</h2><ol>${contents}</ol></nav>
${sections.join('\n')}
</main>
</body>
</html>
`
}
