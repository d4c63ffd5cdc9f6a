import { expect, it } from 'vitest'
import { lineText, weightOf } from '../../../../src/renderer/admin/runs/log/logLines.ts'

const at = '2026-11-21T08:00:00.000Z'

it.each([
	['check', 'memory, failed: 20 GB are needed.', 'fault'], ['check', 'warning: The train split has few images.', 'warning'], ['check', 'memory: About 1 GB.', 'plain'],
	['state', 'Failed: the disk is full.', 'fault'], ['state', 'Failing is not among the states.', 'plain'], ['state', 'Begins: 60 steps, 10 epochs.', 'plain'],
	['note', 'The training process ended.', 'warning'], ['validation', 'Epoch 1: accuracy 0.5, failed: nothing.', 'plain'],
] as const)('%s "%s" is %s', (kind, text, weight) => expect(weightOf({ at, kind, text })).toBe(weight))

it('is copied with its time and kind', () => expect(lineText({ at, kind: 'note', text: 'Said.' })).toBe(`${at}\tnote\tSaid.`))
