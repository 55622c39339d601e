import { testGrid } from './grid.ts'

testGrid('prosody', 101)
