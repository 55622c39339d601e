// How values of policy.yaml are written: users, groups, hours, time zones. Pure, like `values.ts`.

import { bareAddress, parseAddress } from '../xmpp/address.ts'
import { AT_DOMAIN, isUser, OF_CLASS, TAGGED } from '../xmpp/policy-words.ts'
import type { OpenHours } from '../policy/remote/grants.ts'
import { CLASS_OR_BUILT_IN, TAG } from './partner-values.ts'
import { DOMAIN, type Written } from './values.ts'

/** `anna@corp.example` → in canonical form. */
export const USER: Written<string> = {
  how: 'write the address of a user, such as anna@corp.example',
  read(text) {
    const address = parseAddress(text)
    return address?.local === undefined || address.resource !== undefined ? undefined : bareAddress(address)
  },
}

/** The name of a group. */
export const GROUP: Written<string> = {
  how: 'write the name of a group in letters, digits, dots and hyphens, such as field-staff',
  read: (text) => (text !== 'everyone' && /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text) ? text : undefined),
  hint: (text) => (text === 'everyone' ? 'everyone is no group of yours; write to: everyone in a grant' : undefined),
}

/** A group or a user. */
export const MEMBER: Written<string> = {
  how: 'write groups and users, such as [field-staff, anna@corp.example]',
  read: (text) => (isUser(text) ? USER : GROUP).read(text),
}

/** A group, a user, or a domain of ours. */
export const WHO: Written<string> = {
  how: 'write groups, users, and domain: with a domain of ours, such as [staff, anna@corp.example, domain:rooms.corp.example]',
  read(text) {
    if (!text.startsWith(AT_DOMAIN)) return MEMBER.read(text)
    const domain = DOMAIN.read(text.slice(AT_DOMAIN.length))
    return domain && AT_DOMAIN + domain
  },
}

/** The domain of an entry, a tag, or a class. */
export const PARTNER_NAME: Written<string> = {
  how: 'write domains of partners, tag: and class: with a name, such as [partner.example, tag:project-aurora]',
  read(text) {
    for (const [prefix, kind] of [
      [TAGGED, TAG],
      [OF_CLASS, CLASS_OR_BUILT_IN],
    ] as const) {
      const name = text.startsWith(prefix) ? kind.read(text.slice(prefix.length)) : undefined
      if (text.startsWith(prefix)) return name && prefix + name
    }
    return DOMAIN.read(text)
  },
  hint: (text) =>
    text.startsWith('*.') ? 'write the domain that its entry is named after; it stands for all names of it' : undefined,
}

/** The name of a rule or a wall. */
export const RULE_NAME: Written<string> = {
  how: 'write a name in letters, digits, dots and hyphens, such as staff',
  read: (text) => (text === 'otherwise' ? undefined : nameOf(text)),
  hint: (text) => (text === 'otherwise' ? 'otherwise stands behind the rules; give the rule another name' : undefined),
}

/** The name of a policy. */
export const POLICY_NAME: Written<string> = {
  how: 'write a name in letters, digits, dots and hyphens, such as default',
  read: (text) => nameOf(text),
}

const nameOf = (text: string): string | undefined =>
  /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text) ? text : undefined

/** A time zone by its name in the IANA database. */
export const ZONE: Written<string> = {
  how: 'write a time zone by its name, such as Europe/Berlin or UTC',
  read(text) {
    if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(text)) return undefined
    try {
      return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone
    } catch {
      return undefined
    }
  },
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_MINUTES = 1440

/** `mon-fri 07:00-19:00`, `sat,sun 22:00-06:00` (until the next day), `daily 00:00-24:00`. */
export const OPEN_HOURS: Written<OpenHours> = {
  how: 'write days and times as "mon-fri 07:00-19:00", "sat,sun 22:00-06:00" or "daily 08:00-24:00"',
  read(text) {
    const [, words = '', ...times] = /^([a-z,-]+) +(\d\d):(\d\d) ?- ?(\d\d):(\d\d)$/.exec(text.toLowerCase()) ?? []
    const days =
      words === 'daily' ? DAYS.map((_, day) => day) : words.split(',').flatMap((word) => daysOf(word) ?? [-1])
    const [from, to] = [minutesOf(times[0], times[1]), minutesOf(times[2], times[3])]
    if (from === undefined || to === undefined || days.includes(-1)) return undefined
    if (from === to || from === DAY_MINUTES) return undefined
    return { days: [...new Set(days)].toSorted((a, b) => a - b), from, to: to < from ? to + DAY_MINUTES : to }
  },
  hint(text) {
    const [, from, to] = /(\d\d:\d\d) ?- ?(\d\d:\d\d)$/.exec(text) ?? []
    return from !== undefined && from === to
      ? `never open from ${from} to ${to}; for the whole day write 00:00-24:00`
      : undefined
  },
}

/** `mon` or `mon-fri`; a range may go over the end of the week. */
function daysOf(word: string): readonly number[] | undefined {
  const [first = '', last = first, ...more] = word.split('-')
  const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)]
  if (from < 0 || to < 0 || more.length > 0) return undefined
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, step) => (from + step) % 7)
}

function minutesOf(hours = '', minutes = ''): number | undefined {
  const at = Number(hours) * 60 + Number(minutes)
  return hours === '' || Number(minutes) > 59 || at > DAY_MINUTES ? undefined : at
}
