// What is written about requirements that no case shows: those that do not apply to an edge without accounts and rooms of
// its own, and those that are not met yet, with what is planned.
//
// Rule: a requirement that has neither a case nor a line here is not met, and the report says that nothing shows it.

import { appliesUnder, type Statement } from './verdict.ts'

const notApplicable = (because: string): Statement => ({ kind: 'not-applicable', because })
/** Of what the report itself shows, whatever was played. */
const inReport = (because: string): Statement => ({ kind: 'in-report', because })
const notMet = (because: string, plan: string): Statement => ({ kind: 'not-met', because, plan })

const NO_DIALBACK: Statement = {
  ...{ kind: 'not-applicable', profiles: ['dod'] },
  because: 'The profile dod permits no dialback: it is neither offered nor used, which SAS-10 shows.',
}

const NO_HOUR: Statement = {
  ...{ kind: 'not-met', profiles: ['nato', 'standard'] },
  because:
    'This profile sets no time after which names are proven anew; that they are where an entry says so is shown.',
  plan: '`trust.reauthenticate: 1h` in the settings of whoever wants it, or the profile dod, which has it.',
}

const NO_ACCOUNTS = 'An edge has no accounts: passwords, rosters and sessions of users are those of the core behind it.'
const NO_ROOMS = 'An edge hosts no rooms; those of the core and of partners are reached through it.'
const NO_LABEL_DECISIONS = 'Labels of messages are carried as they are; nothing is decided by them.'
const CONSOLE =
  'The only way to administer the gateway is its command line, over a socket that the operating system guards.'
/** What would make the notice hold for scripts too. */
const UNATTENDED =
  'A setting by which commands without a terminal do nothing unless their owner says that it is accepted.'
const WITH_CONSOLE = 'It comes with the administration console.'

const STATEMENTS: Readonly<Record<string, Statement | readonly Statement[]>> = {
  'SCP-04': notApplicable(
    'A statement about what products there are; this one is an edge without users or rooms of its own.',
  ),
  'SCP-01': inReport(
    'The report states the role that is claimed, a gateway between servers, and rows about clients do not apply with the reason.',
  ),
  'SCP-05': inReport(
    'The report tells release, commit, digests of source, settings and bill of materials, host, Node and OpenSSL, and until when it is good.',
  ),
  'CAS-03': notApplicable(
    'Asked of edges that terminate connections of clients; the role that is claimed here is server to server alone.',
  ),
  'MSG-07': notMet(
    'Kinds of stanzas are refused as a whole where a policy says so; nothing is taken out of a message that is let through.',
    'Rules that take named payloads out of messages and leave their body as it is.',
  ),
  'GWY-02': notMet(
    'Every case of the areas STR, TLS, SAS and STZ is one of this row; what is open in those areas is open here.',
    'The rows of those areas that are open.',
  ),
  'AUD-04': notMet(
    'That nobody else may read or write the records is shown; that somebody who may has changed them is not found.',
    'A chain of digests over the records, and a command that verifies it.',
  ),
  'QOS-04': notMet(
    'How much each partner may send is limited, as LIM-01 shows; nothing is put off in favour of something more important.',
    'Queues that shed presence before messages.',
  ),
  'STR-15': notMet(
    'Host-gone, system-shutdown, reset, and connection-timeout for whoever is silent or slow are shown; a stream that nobody uses is closed without an error, as RFC 6120 §4.6.4 lets one.',
    'None: no error is due to a peer that did nothing wrong.',
  ),
  'STR-20': notMet(
    'A feature that was not offered is answered by unsupported-stanza-type, as RFC 6120 §4.9.3.24 has it for whatever the receiving entity does not serve; unsupported-feature is said where a partner demands one that is not known (§4.9.3.23).',
    'A condition of its own for features that are known and were not offered.',
  ),
  'STR-23': notMet(
    'Shown for partners that acknowledge or have a stream to us: whoever does not answer within the configured time is given up. A stream that only we use, without XEP-0198, is given up by the operating system alone, after about 15 minutes, of which no case tells; and of blanks those of partners are shown, not ours.',
    'Questions on such streams too, and a case that hears a blank of ours.',
  ),
  'STR-26': notApplicable('There is no obligation to follow redirects of servers, and none is followed outside.'),
  'DNS-11': notMet(
    'That the server in the settings is asked is shown; that no other is asked is not, without a record of the whole network.',
    'A run in a network of its own that is recorded.',
  ),
  'SAS-09': NO_DIALBACK,
  'SAS-11': [
    NO_DIALBACK,
    notMet(
      'That a key counts for the stream alone that it was made for is shown; how it is made cannot be seen without its secret, which the gateway tells nobody. A test of the product holds that against the examples of XEP-0185 and XEP-0220.',
      'A run whose secret is known.',
    ),
  ],
  'SAS-12': NO_DIALBACK,
  'SAS-16': NO_HOUR,
  'SAS-14': NO_DIALBACK,
  'STZ-09': notApplicable(
    'Whether there is such a user is known to the core alone; the edge passes on what is said to it and what the core answers, as MSG-04 shows.',
  ),
  'LIM-04': notMet(
    'That what the gateway refuses by itself is the same for whoever exists and for others is shown, and that a partner may try only so many addresses in a day; what the core answers is passed on as it is, with what it tells.',
    'Answers of the core about users that are evened out where an entry says so.',
  ),
  'CAS-01': notApplicable(NO_ACCOUNTS),
  'CAS-02': notApplicable(NO_ACCOUNTS),
  'CAS-04': notApplicable(NO_ACCOUNTS),
  'TLS-11': notMet(
    'The cryptography of this release is that of an OpenSSL without a validated provider; where a profile demands one, the gateway does not start unless that is overridden, and says so.',
    'A build on an OpenSSL with the FIPS provider.',
  ),
  'TLS-19': notMet(
    'The profile nato names its sources line by line; the list of the service interface profile is not mapped as a whole.',
    'A table of every RFC in that list.',
  ),
  'PKI-18': notMet(
    'Keys are files, of which `check` says when others can read them, as is shown; there is no HSM and no validated key management.',
    'Keys in an HSM by PKCS #11.',
  ),
  'PKI-19': notMet(
    'The instance that is tested has a certificate of the run; who issues those of an installation is for its operator.',
    'The issuers of an installation in a report of its own.',
  ),
  'PKI-20': notMet(
    'The annex of certificates is arranged by these areas, with the cases of each; of archives and of the documentation it has a statement and no case.',
    'To be read by whoever certifies.',
  ),
  'ERR-04': notApplicable('The conditions gone and redirect need not be generated, and are not.'),
  'SUB-01': notApplicable(NO_ACCOUNTS),
  'SUB-05': notApplicable(
    'Whether a subscription exists already is known to the core alone, which answers for its user.',
  ),
  'SUB-04': notApplicable(
    'A request for a user who is away is kept by the core, which alone knows who is there; the edge passes it on at once, with all that stands in it, which SUB-03 shows.',
  ),
  'SUB-07': notApplicable(
    'What was asked for, and so what an approval counts for, is known to the core alone, whose rosters these are.',
  ),
  'SUB-10': notApplicable(
    'Whether there is such a user is known to the core alone; the edge passes requests on and answers none of them.',
  ),
  'SUB-12': notApplicable('Optional, and between a client and the core.'),
  'PRS-09': notApplicable('The core and the partners all speak XMPP: there are no other states that would be mapped.'),
  'MSG-04': notMet(
    'That each message has arrived or comes back is shown, in the middle of a burst too. What a core that is gone had got and not yet acknowledged comes back as well, and so has two ends; without XEP-0198 nobody knows what was under way at that moment. A refusal for which what a partner may have under way leaves no room is recorded and not sent.',
    'Streams to the core that are resumed (XEP-0198), on which it says what it has got; room that is kept for refusals.',
  ),
  'MSG-05': notApplicable('Messages for users who are away are kept by the core.'),
  'MUC-03': notApplicable('A condition on gateways that host rooms. ' + NO_ROOMS),
  'MUC-04': notApplicable('A note on the history of another product.'),
  'MUC-11': notApplicable(NO_ROOMS),
  'MUC-14': notApplicable(NO_ROOMS),
  'GWY-01': notApplicable('A condition on gateways that host rooms. ' + NO_ROOMS),
  'GWY-06': notMet('Nothing is decided by what messages contain.', 'Content rules.'),
  'GWY-10': notApplicable(
    'There is no filter of content; what is stored is written with parameters, never as a statement.',
  ),
  'GWY-13': notApplicable('No part of a cross-domain solution is claimed.'),
  'GWY-16': notMet(
    'Proof, dialback, keys, route, direction, limits and the time of proof are terms of each partner, as is shown; after which silence a blank is sent is one for all. A partner without TLS or without proof is refused on purpose.',
    '`keepalive` among the terms of an entry.',
  ),
  'AUD-08': notMet(
    `${CONSOLE} Changes are kept with who, when and why; log-ons are those of the operating system.`,
    WITH_CONSOLE,
  ),
  'AUD-09': notMet(
    'Shown that time stamps are UTC, and that how far the clock of the host is off is told; that the host takes its time from an authoritative source which proves itself is a matter of the host and not seen from here.',
    'A look in `check` at what the time service of the host says of its sources.',
  ),
  'ADM-07': notMet(
    'Every version of an entry is kept with who changed it, as is shown, and changes by an editor too; the other settings are not, and nobody is alerted.',
    'Versions of all files of the settings, and an alert where a file changes without a command.',
  ),
  'AUD-10': notApplicable('Archives of rooms are with whoever hosts them.'),
  'LBL-02': notApplicable(NO_LABEL_DECISIONS),
  'LBL-03': notApplicable(NO_LABEL_DECISIONS),
  'LBL-04': notApplicable(NO_LABEL_DECISIONS),
  'LBL-07': notApplicable(NO_ROOMS),
  'LBL-08': notApplicable('No part of a cross-domain solution is claimed.'),
  'QOS-01': notMet(
    'Node gives a program no way to mark its packets; `marking` prints the rules by which the host does, for each leg, and whether they are loaded is not seen here.',
    'A look at the rules of the host in `check`.',
  ),
  'QOS-02': notMet(
    'See QOS-01: any code point can be named, but no aggregate of a network.',
    'Names for the aggregates, once their code points are published.',
  ),
  'QOS-03': notMet(
    'See QOS-01: nothing is marked by default, and any code point can be named; that of UCR for messages is not published.',
    'Its value by name, once it is known.',
  ),
  'QOS-05': notApplicable('Precedence concerns voice.'),
  'ADM-01': [
    {
      ...{ kind: 'not-met', profiles: ['nato', 'standard'] },
      because:
        'Shown of a notice that the settings have, at a terminal; this profile has none unless they do, and a command without a terminal shows it and goes on.',
      plan: `\`administration.notice\` in the settings of whoever needs one. ${UNATTENDED}`,
    },
    {
      ...{ kind: 'not-met', profiles: ['dod'] },
      because:
        'At a terminal it stays before a command that administers until it is accepted, once in a session, as is shown; a command without a terminal shows it and goes on.',
      plan: UNATTENDED,
    },
  ],
  'ADM-02': notMet(`${CONSOLE} Sessions are those of the host.`, WITH_CONSOLE),
  'ADM-03': notMet(`${CONSOLE} Log-ons are those of the host.`, WITH_CONSOLE),
  'ADM-04': notApplicable('There are no local accounts, and no passwords of administrators.'),
  'ADM-05': notMet(`${CONSOLE} Whoever may use it may do everything.`, WITH_CONSOLE),
  'ADM-06': notMet(
    'Releases are not signed. A bill of materials comes with every report such as this one, not with a release.',
    'Signed releases with a bill of materials.',
  ),
  'ADM-09': notApplicable('XMPP has no banner for servers.'),
  'IP6-05': notMet(
    'The size of packets is a matter of the operating system, and nothing in the gateway depends on it; no case has a path with a small one.',
    'A run in a network of its own with an MTU of 1280.',
  ),
  'LIM-06': notMet('One gateway serves a domain.', 'Pools of gateways.'),
}

/** Rows of which something is written. */
export const STATED: readonly string[] = Object.keys(STATEMENTS)

/** What is written of a requirement under one profile. */
export const statementOf = (requirement: string, profile: string): Statement | undefined =>
  [STATEMENTS[requirement] ?? []].flat().find((one) => appliesUnder(one, profile))
