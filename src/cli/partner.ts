// `sallyport partner …`: the partner list. Without a running gateway the files are edited directly; the next start
// finds them.

import {
  partnerAdd,
  partnerAllow,
  partnerBlock,
  partnerList,
  partnerRemove,
  partnerRetry,
  partnerSet,
  partnerShow,
  partnerSuspend,
} from '../admin/partners.ts'
import { UNSETTABLE } from '../admin/partner-fields.ts'
import type { PartnerOutput } from '../admin/schemas.ts'
import { EXIT, type Command } from './command.ts'
import { consented, YES } from './consent.ts'
import { askOrRead } from './offline.ts'
import { tone, type Output } from './output.ts'
import { confirmCertificateCommand, showKeys } from './partner-keys.ts'
import { historyCommand, undoCommand } from './partner-history.ts'
import { exportCommand, importCommand, undoImportCommand } from './partner-import.ts'
import { askedBy, FIELDS, fields, STATUS_FIELDS } from './partner-options.ts'
import { reportChange, statusCell } from './partner-report.ts'
import { conductCommand } from './partner-conduct.ts'
import { showPending } from './partner-pending.ts'
import { hostPort } from './quickstart-plan.ts'
import { count, duration, matchText } from './text.ts'

const DOMAIN = { name: 'domain', about: "the partner's domain" }

const listCommand: Command = {
  name: 'partner list',
  about:
    'List the partners: status, direction, until when, who answers for them; and the domains that wait to be let in.',
  options: { status: { value: 'STATUS', about: 'Only those: allowed, blocked, pending or suspended.' } },
  async run(context) {
    const { output, arguments: words } = context
    const answer = await askOrRead(context, partnerList, { status: words.option('status') })
    output.answer(answer, () => {
      const { partners, pending } = answer
      if (partners.length === 0) output.line('no partners; admit one with `sallyport partner allow <domain>`')
      else
        output.table(
          ['domain', 'status', 'direction', 'until', 'owner', 'purpose'],
          partners.map((p) => [p.domain, statusCell(p), p.direction, p.expires, p.owner, p.purpose]),
          '',
        )
      showPending(output, pending)
    })
    return EXIT.fine
  },
}

const showCommand: Command = {
  name: 'partner show',
  about: 'Show the entry that covers a domain, and what it admits today.',
  positionals: [DOMAIN],
  async run(context) {
    const answer = await askOrRead(context, partnerShow, { domain: context.arguments.required('domain') })
    context.output.answer(answer, () => {
      const { domain, matched, partner, file, admits, keys } = answer
      showPartner(context.output, partner)
      if (domain !== partner.domain)
        context.output.line(`${domain} stands under ${matchText({ domain: partner.domain, matched })}`)
      context.output.facts([['file', file]])
      showKeys(context.output, keys)
      context.output.line()
      for (const way of ['inbound', 'outbound'] as const) {
        const reason = admits[way]
        const said =
          reason === undefined ? tone('good', 'admitted') : tone('bad', `refused: ${reason.id} ${reason.name}`)
        context.output.line(way === 'inbound' ? `from ${domain} to us: ` : `from us to ${domain}: `, said)
      }
    })
    return EXIT.fine
  },
}

function showPartner(output: Output, partner: PartnerOutput): void {
  output.line(tone('strong', partner.domain), ': ', statusCell(partner))
  output.facts([
    ['also known as', partner.alsoKnownAs.join(', ')],
    ['direction', partner.direction],
    ['class', partner.class],
    ['policy', partner.policy],
    ['presence', partner.shown && presenceText(partner.shown)],
    ['authentication', partner.authentication],
    ['pins', partner.pins.join(', ')],
    ['anchors', partner.anchors.join(', ')],
    ['certificate policies', partner.certificatePolicies?.join(', ')],
    ['extended key usage', partner.extendedKeyUsage],
    ['profile', partner.profile],
    ['revocation', partner.revocation],
    ['certificate change', partner.certificateChange],
    ['proves itself anew', partner.reauthenticateMs && `every ${duration(partner.reauthenticateMs)}`],
    ['connect', partner.connect.map(hostPort).join(', ')],
    ['provider', partner.provider],
    ['decorates', partner.decorates?.join(', ')],
    ['reason', partner.reason],
    ['owner', partner.owner],
    ['purpose', partner.purpose],
    ['contact', partner.contact],
    ['tags', partner.tags.join(', ')],
    ['notes', partner.notes?.trimEnd()],
    ['review', partner.review],
    ['until', partner.expires],
  ])
}

/** What it is shown, as `--presence` takes it. */
function presenceText({ detail, ...parts }: NonNullable<PartnerOutput['shown']>): string {
  const others = Object.entries(parts).filter(([, isShown]) => isShown !== undefined)
  return [detail, ...others.map(([part, isShown]) => `${isShown ? '+' : '-'}${part}`)].join(',')
}

function statusVerb(verb: 'allow' | 'block' | 'suspend', about: string): Command {
  const operation = { allow: partnerAllow, block: partnerBlock, suspend: partnerSuspend }[verb]
  const name = `partner ${verb}`
  return {
    name,
    about,
    positionals: [DOMAIN],
    options: { ...STATUS_FIELDS, ...YES },
    async run(context) {
      const { arguments: words } = context
      const input = { domain: words.required('domain'), fields: fields(words, name), ...askedBy(words) }
      const change = await consented(context, (yes) => askOrRead(context, operation, { ...input, yes }))
      return reportChange(context, change)
    },
  }
}

const addCommand: Command = {
  name: 'partner add',
  about: 'Add an entry; with --status pending it refuses until somebody allows it.',
  positionals: [DOMAIN],
  options: {
    status: { value: 'STATUS', about: 'allowed (default), blocked, pending or suspended.' },
    ...FIELDS,
    ...YES,
  },
  async run(context) {
    const { arguments: words } = context
    const [domain, status] = [words.required('domain'), words.option('status')]
    const input = { domain, status, fields: fields(words, 'partner add'), ...askedBy(words) }
    const change = await consented(context, (yes) => askOrRead(context, partnerAdd, { ...input, yes }))
    return reportChange(context, change)
  },
}

const setCommand: Command = {
  name: 'partner set',
  about: 'Change an entry; what is not named stays as it is, comments too.',
  positionals: [DOMAIN],
  options: {
    status: { value: 'STATUS', about: 'allowed, blocked, pending or suspended.' },
    ...FIELDS,
    unset: { value: 'KEY', about: `Take a key out of the file: ${UNSETTABLE.join(', ')}.`, many: true },
    ...YES,
  },
  async run(context) {
    const { arguments: words } = context
    const status = words.option('status')
    const { reason, ...others } = fields(words, 'partner set')
    // The reason that stands in the file is the one for the status.
    const its = status === undefined ? others : { ...others, ...(reason === undefined ? {} : { reason }) }
    const unset = words.options('unset') ?? []
    const input = { domain: words.required('domain'), status, fields: its, unset, ...askedBy(words) }
    const change = await consented(context, (yes) => askOrRead(context, partnerSet, { ...input, yes }))
    return reportChange(context, change)
  },
}

const removeCommand: Command = {
  name: 'partner remove',
  about: 'Delete an entry with its file; in closed federation its domain is refused from then on.',
  positionals: [DOMAIN],
  options: { reason: { value: 'TEXT', about: 'Why, for the history.' }, ...YES },
  notes: ['`sallyport partner undo` brings it back as it was.'],
  async run(context) {
    const { arguments: words } = context
    const input = { domain: words.required('domain'), ...askedBy(words) }
    const change = await consented(context, (yes) => askOrRead(context, partnerRemove, { ...input, yes }))
    return reportChange(context, change)
  },
}

const retryCommand: Command = {
  name: 'partner retry',
  about: 'Try a partner again with the next stanza, instead of waiting after failures.',
  positionals: [DOMAIN],
  notes: ['`sallyport status` shows which links wait, and until when.'],
  async run({ ask, output, arguments: words }) {
    const answer = await ask(partnerRetry, { domain: words.required('domain') })
    output.answer(answer, () => {
      const { domain, links } = answer
      const waited = links === 0 ? 'nothing waited' : `${count(links, 'link')} waited`
      output.line(`${domain}: ${waited}; the next stanza makes an attempt at once`)
    })
    return EXIT.fine
  },
}

export const PARTNER_COMMANDS: readonly Command[] = [
  listCommand,
  showCommand,
  addCommand,
  setCommand,
  statusVerb('allow', 'Admit a domain, at once; adds an entry where there is none.'),
  statusVerb('block', 'Refuse a domain, at once, and close its streams; adds an entry where there is none.'),
  statusVerb('suspend', 'Refuse a partner for a while, at once, and close its streams; the entry stays.'),
  removeCommand,
  historyCommand,
  undoCommand,
  importCommand,
  undoImportCommand,
  exportCommand,
  retryCommand,
  conductCommand,
  confirmCertificateCommand,
]
