import { describe, expect, it } from 'vitest'
import { countMacs, countParameters } from '../../src/zoo/count.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'

/** Published or independently counted numbers: parameters by classes, multiply-accumulates by classes and size of the image. */
const EXPECTED = [
	{ name: 'vgg19', parameters: { 1000: 143_667_240, 14: 139_627_598, 5: 139_590_725, 3: 139_582_531 }, macs: [[1000, 224, 19_632_062_464]] },
	{ name: 'densenet161', parameters: { 1000: 28_681_000, 14: 26_502_926 }, macs: [[1000, 224, 7_727_907_072]] },
	{ name: 'densenet121', parameters: { 1000: 7_978_856, 14: 6_968_206 }, macs: [[1000, 224, 2_834_161_664]] },
	{ name: 'mobilenetv2', parameters: { 1000: 3_504_872 }, macs: [[1000, 224, 300_774_272]] },
	{ name: 'ofa-595', parameters: { 1000: 9_135_928, 14: 7_620_446, 5: 7_606_613, 3: 7_603_539 }, macs: [[1000, 236, 595_189_032], [1000, 224, 512_861_680]] },
	{ name: 'eeea-net-c2', parameters: { 1000: 5_995_904, 14: 4_732_838, 5: 4_721_309, 3: 4_718_747 }, macs: [] },
] as const

/** As stated, in millions with one decimal. */
const ROUNDED = [
	['ofa-595', 3, 192, 376.9], ['ofa-595', 3, 224, 511.3], ['ofa-595', 3, 236, 593.7], ['ofa-595', 3, 256, 666.4],
	['eeea-net-c2', 1000, 192, 215.0], ['eeea-net-c2', 14, 224, 289.9], ['eeea-net-c2', 14, 256, 377.8],
] as const

describe('counts', () => {
	for (const { name, parameters, macs } of EXPECTED) {
		it(`${name}: parameters and multiply-accumulates as published`, () => {
			for (const [classes, count] of Object.entries(parameters)) expect(countParameters(buildNetwork(name, { classes: Number(classes) })), `${classes} classes`).toBe(count)
			for (const [classes, inputSize, count] of macs) expect(countMacs(buildNetwork(name, { classes, inputSize }))).toEqual({ weighted: count, attention: 0 })
		})
	}

	it('counts at other sizes', () => {
		for (const [name, classes, inputSize, millions] of ROUNDED) {
			const network = buildNetwork(name, { classes, inputSize })
			expect(Math.round(countMacs(network).weighted / 1e5) / 10, `${name} ${inputSize}`).toBe(millions)
		}
	})
})
