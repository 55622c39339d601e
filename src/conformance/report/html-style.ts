// How the report looks, on paper and on screens.

export const STYLE = `
:root { color-scheme: light; --met: #1f7a4d; --partly: #96690a; --not: #b3261e; --na: #5b6470; --line: #d5dae0 }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #1b2430; background: #fff }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem } h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem }
.kind { text-transform: uppercase; letter-spacing: .08em; color: #5b6470; margin: 0 } .summary { font-size: 1.1rem }
.note { border-left: 4px solid var(--line); padding-left: .8rem; color: #46505c }
.bar { display: flex; gap: 2px; margin: 1rem 0; font-size: .85rem; color: #fff } .bar span { padding: .35rem .5rem; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.bar .met { background: var(--met) } .bar .partly { background: var(--partly) } .bar .not { background: var(--not) } .bar .na { background: var(--na) }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .2rem 1rem } dt { color: #5b6470 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere } thead th { color: #46505c } .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.requirements th[scope] { white-space: nowrap } .requirements td:nth-child(3) { white-space: nowrap; font-weight: 600 } td.met { color: var(--met) } td.partly { color: var(--partly) } td.not { color: var(--not) } td.na { color: var(--na) }
.tdr { border: 1px solid var(--line); border-radius: 6px; padding: .2rem 1rem .6rem; margin: .6rem 0; break-inside: avoid } small { color: #5b6470 } svg { max-width: 100%; height: auto } a { color: #0b5cad }
@media (max-width: 40rem) { table.requirements, table.cases, .requirements tbody, .cases tbody, .requirements tr, .cases tr, .requirements td, .cases td, .requirements th, .cases th { display: block; border: 0 } .requirements thead, .cases thead { display: none } .requirements tr, .cases tr { border-bottom: 1px solid var(--line); padding: .4rem 0 } dl { grid-template-columns: 1fr } dt { margin-top: .4rem } }
@media print { @page { size: A4; margin: 18mm 15mm } body { font-size: 9.5pt } main { max-width: none; padding: 0 } header { break-after: page } thead { display: table-header-group } tr { break-inside: avoid } a { color: inherit; text-decoration: none } .bar { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
`
