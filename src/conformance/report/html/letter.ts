// The text of a letter of compliance, for the vendor to sign: it claims what a run or the report has shown, and lists everything else.

import { AREAS, areaOf } from '../../requirement.ts'
import type { Result } from '../../verdict.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import type { Report } from '../report.ts'
import { counted, digest, worded } from './making.ts'

export function letter({ report, requirements }: Sources): string {
  const { system, id, made, part } = report
  const of = (result: Result): Report['verdicts'] => report.verdicts.filter((verdict) => verdict.result === result)
  const exceptions = [...of('Not met'), ...of('Partially met')]
  const reasons = (verdicts: Report['verdicts']): string =>
    verdicts
      .map(
        ({ requirement, result, because }) =>
          `<li>${requirement} (${result}): ${worded(requirements.get(requirement)?.requirement ?? '')}. <small>${escaped(because)}</small></li>`,
      )
      .join('')
  return `<p class="note">A draft. It becomes a letter when somebody who may bind the vendor has read it and signed it.</p>
<p>We state that ${subject(system)}, configured by the profile ${escaped(system.profile)}, was held on ${made.slice(0, 10)} against the requirements of report ${escaped(id)}${part ? `, which is about the areas ${part.join(', ')} alone` : ''}. We claim that it meets those that are listed here as met, each of which a run, or this report itself, has shown, and no others.</p>
<h3>Met (${of('Met').length})</h3>
<p>${idsOf(of('Met'))}</p>
<h3>Exceptions (${counted(exceptions.length, 'requirement')})</h3>
<p>These are not met, or not in whole; each has a discrepancy report with a plan.</p>
<ul class="exceptions">${reasons(exceptions)}</ul>
${notAssessed(of('Not assessed'))}<h3>Not applicable (${of('N/A').length})</h3>
<ul class="exceptions">${reasons(of('N/A'))}</ul>
<p>The statement ends on ${report.expires}, and with any change of the product or its settings that bears on one of them.</p>
<table class="signature"><tbody><tr><td>Name and office</td><td></td></tr><tr><td>Organisation</td><td></td></tr><tr><td>Place and date</td><td></td></tr><tr><td>Signature</td><td></td></tr></tbody></table>`
}

/** Of a gateway that runs elsewhere the release is what was told of it. */
const subject = ({ reached, version, code }: Report['system']): string =>
  reached
    ? `the gateway at ${escaped(reached.at.join(' and '))} (release: ${escaped(reached.release ?? 'not told')})`
    : `Sallyport ${escaped(version)} (source ${digest(code.slice(0, 16))}…)`

/** Nothing is claimed of these. */
const notAssessed = (verdicts: Report['verdicts']): string =>
  verdicts.length === 0
    ? ''
    : `<h3>Not assessed (${verdicts.length})</h3>\n<p>Of these nothing is claimed: ${idsOf(verdicts)}</p>\n`

/** By area, those of one area in a row. */
function idsOf(verdicts: Report['verdicts']): string {
  if (verdicts.length === 0) return 'None.'
  const areas = Map.groupBy(verdicts, ({ requirement }) => areaOf({ id: requirement }))
  return AREAS.flatMap((area) => {
    const own = areas.get(area)
    return own === undefined ? [] : [own.map(({ requirement }) => requirement).join(', ')]
  }).join('; ')
}
