// The section `administration` of gateway.yaml: on what terms the gateway is administered.

import { lines, neverEmpty, section } from './fields.ts'

export const AdministrationSection = section(
  {
    notice: lines()
      .optional()
      .describe(
        'What administrators accept on their terminal before the first command of a session. Default: none, and with the profile dod the notice and consent banner of DTM 08-060.',
      )
      .meta({ example: 'For administrators of Corp only. What you do here is recorded.' })
      .meta(neverEmpty('write the notice, or take it out')),
  },
  'write notice: below administration:',
)
