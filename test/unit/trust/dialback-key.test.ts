import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { DialbackKeys } from '../../../src/trust/dialback-key.ts'

const keys = new DialbackKeys('s3cr3tf0rd14lb4ck')
const purpose = { receiving: 'montague.example', originating: 'capulet.example', id: 'D60000229F' }
const KEY = 'b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3'

test('keys are those of XEP-0185 and the example of XEP-0220', () => {
  equal(keys.make(purpose), KEY)
  const other = new DialbackKeys(Buffer.from('d14lb4ck43v3r'))
  equal(
    other.make({ receiving: 'capulet.example', originating: 'montague.example', id: '417GAF25' }),
    '225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d',
  )
})

test('a key is good for its pair and its stream, from its secret, and for nothing else', () => {
  equal(keys.isOurs(KEY, purpose), true)
  equal(keys.isOurs(KEY, { ...purpose, id: 'D60000229G' }), false)
  equal(keys.isOurs(KEY, { ...purpose, receiving: 'other.example' }), false)
  equal(keys.isOurs(KEY, { ...purpose, originating: 'other.example' }), false)
  equal(keys.isOurs(KEY, { ...purpose, receiving: 'capulet.example', originating: 'montague.example' }), false)
  equal(keys.isOurs(KEY.toUpperCase(), purpose), false)
  equal(keys.isOurs(KEY.slice(1), purpose), false)
  equal(keys.isOurs('', purpose), false)
  equal(keys.isOurs('ü'.repeat(32), purpose), false)
  equal(new DialbackKeys('another').isOurs(KEY, purpose), false)
})
