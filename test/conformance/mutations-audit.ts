// Deliberately wrong gateways: records and logs. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const AUDIT_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'open-folder', about: 'Anybody may enter the folder of records.', module: 'admin/control-socket.ts' },
    find: 'await chmod(dirname(socketPath), 0o700)',
    put: 'await chmod(dirname(socketPath), 0o755)',
    cases: ['AUD-04/own-files'],
  },
]
