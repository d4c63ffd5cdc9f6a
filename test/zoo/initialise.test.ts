import { describe, expect, it } from 'vitest'
import type { Initialisation } from '../../src/onnx/network.ts'
import { initialValues, initialWeights } from '../../src/zoo/initialise.ts'
import { buildNetwork } from '../../src/zoo/networks.ts'

const values = (initialisation: Initialisation, dims: number[] = [40, 25, 5, 5]) => initialValues({ name: 'a', dims, role: 'weight', initialisation }, 3)
const deviation = (list: Float32Array) => Math.sqrt(list.reduce((sum, value) => sum + value * value, 0) / list.length)

describe('initialWeights', () => {
	it('follow from seed and name alone', () => {
		const [three, five] = [3, 5].map((classes) => buildNetwork('eeea-net-c2', { classes, inputSize: 64 })).map((network) => ({ ...network, parameters: network.parameters.slice(0, 90) }))
		if (!three || !five) throw new Error('no network')
		const first = initialWeights(three, 1)
		expect([...first.keys()]).toEqual(three.parameters.map(({ name }) => name))
		expect(initialWeights(three, 1)).toEqual(first)
		const other = initialWeights(three, 2)
		const sameLayer = initialWeights(five, 1)
		const name = 'blocks.3.mobile_inverted_conv.depth_conv.conv.weight'
		expect(other.get(name)).not.toEqual(first.get(name))
		expect(sameLayer.get(name)).toEqual(first.get(name))
		expect(first.get('first_conv.bn.running_var')).toEqual(new Float32Array(16).fill(1))
	})

	it("have torch's deviations", () => {
		expect(deviation(values({ kind: 'kaimingNormal', fan: 'out' }))).toBeCloseTo(Math.sqrt(2 / (40 * 25)), 3)
		expect(deviation(values({ kind: 'kaimingNormal', fan: 'in' }))).toBeCloseTo(Math.sqrt(2 / (25 * 25)), 3)
		expect(deviation(values({ kind: 'normal', deviation: 0.01 }))).toBeCloseTo(0.01, 4)
		expect(deviation(values({ kind: 'uniform', bound: 0.3 }))).toBeCloseTo(0.3 / Math.sqrt(3), 2)
		expect(Math.max(...values({ kind: 'uniform', bound: 0.3 }))).toBeLessThanOrEqual(Math.fround(0.3))
		expect(deviation(values({ kind: 'truncatedNormal', deviation: 0.02 }))).toBeCloseTo(0.02, 3)
		const cut = values({ kind: 'truncatedNormal', deviation: 5 })
		expect(Math.max(...cut.map(Math.abs))).toBeLessThanOrEqual(2)
	})
})
