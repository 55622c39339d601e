// How the report looks, on paper and on screens.

export const STYLE = `
:root { color-scheme: light; --met: #1f7a4d; --partly: #96690a; --not: #b3261e; --na: #5b6470; --line: #d5dae0 }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #1b2430; background: #fff }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem } h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem }
header h2 { font-size: 1.1rem; margin: 1.2rem 0 .4rem }
.kind { text-transform: uppercase; letter-spacing: .08em; color: #5b6470; margin: 0 } .summary { font-size: 1.05rem }
.note { border-left: 4px solid var(--line); padding-left: .8rem; color: #46505c }
.bar { display: flex; gap: 2px; margin: 1rem 0; font-size: .85rem; color: #fff } .bar span { padding: .35rem .5rem; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.bar .met { background: var(--met) } .bar .partly { background: var(--partly) } .bar .not { background: var(--not) } .bar .na { background: var(--na) }
.open { margin: .4rem 0; padding-left: 1.2rem } nav ol { columns: 2; margin: 0; padding-left: 1.4rem }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: .2rem 1rem; margin: .6rem 0 } dt { color: #5b6470 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere } thead th { color: #46505c; overflow-wrap: normal } tbody th { font-weight: 600 } .plain th { overflow-wrap: normal }
.numbers th:not(:first-child), .numbers td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td span.met, td span.partly, td span.not, td span.na { font-weight: 600; white-space: nowrap } span.met { color: var(--met) } span.partly { color: var(--partly) } span.not { color: var(--not) } span.na { color: var(--na) } .bar span { color: #fff }
.matrix { table-layout: fixed } .matrix thead th { overflow-wrap: anywhere } .matrix thead th:first-child { width: 6.2rem } .matrix thead th:nth-child(2) { width: 34% } #requirements th[scope=row] { white-space: nowrap } .folds th[scope=row] { min-width: 5.5rem } .whole { white-space: nowrap } .files th { font-weight: 400 } code { font-size: .85em; overflow-wrap: anywhere }
.tdr { border: 1px solid var(--line); border-radius: 6px; padding: .2rem 1rem .6rem; margin: .6rem 0; break-inside: avoid } small { color: #5b6470 } svg { max-width: 100%; height: auto } summary { cursor: pointer; color: #0b5cad; font-size: .85em } details ol { padding-left: 1.4rem; margin: .3rem 0; font-size: .85em } a { color: #0b5cad }
.exceptions { padding-left: 1.2rem } .signature td { height: 2.4rem; vertical-align: bottom } .signature td:first-child { width: 35%; color: #46505c }
@media (max-width: 40rem) {
  .folds, .folds tbody, .folds tr, .folds td, .folds th { display: block; border: 0 } .folds thead { display: none } .folds tr { border-bottom: 1px solid var(--line); padding: .4rem 0 } .folds td, .folds th { padding: .1rem 0 }
  .plain, .plain tbody, .plain tr, .plain td, .plain th, .files, .files tbody, .files tr, .files td, .files th { display: block; border: 0 } .plain thead, .files thead { display: none } .plain tr, .files tr { border-bottom: 1px solid var(--line); padding: .4rem 0 } .plain td, .plain th, .files td, .files th { padding: .1rem 0 }
  td[data-head]:not(:empty)::before { content: attr(data-head) ': '; color: #5b6470; font-size: .85em } .numbers td[data-head]::before { content: none }
  dl { grid-template-columns: 1fr } dt { margin-top: .4rem } nav ol { columns: 1 } .bar { flex-direction: column } .numbers th, .numbers td { padding: .35rem .25rem; font-size: .9em; white-space: normal }
}
@media print { @page { size: A4; margin: 15mm 15mm } body { font-size: 9pt; line-height: 1.4 } main { max-width: none; padding: 0 } header { break-after: page } nav h2 { margin-top: 0 } h1 { font-size: 16pt } h2, h3 { break-after: avoid } #discrepancies, #requirements, #annex-tls, #letter, #cases, #evidence { break-before: page } thead { display: table-header-group } tr { break-inside: avoid } a { color: inherit; text-decoration: none } details { display: none } .bar { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`
