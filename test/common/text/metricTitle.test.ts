import { expect, it } from 'vitest'
import { metricTitle } from '../../../src/common/text/metricTitle.ts'

it.each([
	['balancedAccuracy', 'Balanced accuracy'], ['auprc', 'Average precision'], ['eceBefore', 'Calibration error before calibration'], ['macroF1', 'Macro F1'], ['weightedPrecision', 'Weighted precision'], ['heart dice', 'Heart dice'],
	['of a later version', 'Of a later version'], ['', ''],
])('%s is called %s', (name, title) => expect(metricTitle(name)).toBe(title))
