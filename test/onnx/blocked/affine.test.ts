import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addAffines, addVectors, multiplyVectors, quotient, scaleAffine, termOf, type Affine, type Product, type Vector } from '../../../src/onnx/blocked/affine.ts'

const VALUES: Record<string, number> = { a: 2, b: -3, c: 0.5, x: 7, y: -1.25 }

const valueOfProduct = ({ constant, tensors }: Product) => tensors.reduce((product, name) => product * (VALUES[name] ?? 0), constant)
const valueOfVector = (vector: Vector) => vector.reduce((sum, product) => sum + valueOfProduct(product), 0)
const valueOf = ({ terms, offset }: Affine) => [...terms].reduce((sum, [tensor, factor]) => sum + valueOfVector(factor) * (VALUES[tensor] ?? 0), valueOfVector(offset))

const product: fc.Arbitrary<Product> = fc.record({ constant: fc.integer({ min: -4, max: 4 }).filter((value) => value !== 0), tensors: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }) })
const vector = fc.array(product, { maxLength: 3 })
const affine: fc.Arbitrary<Affine> = fc.record({ terms: fc.dictionary(fc.constantFrom('x', 'y'), vector.filter((parts) => parts.length > 0)).map((terms) => new Map(Object.entries(terms))), offset: vector })

describe('sums of tensors with factors and offsets', () => {
	it('have the value of what was added, multiplied and scaled', () => {
		fc.assert(fc.property(affine, affine, product, (left, right, factor) => {
			expect(valueOf(addAffines(left, right))).toBeCloseTo(valueOf(left) + valueOf(right), 6)
			expect(valueOf(scaleAffine(left, factor))).toBeCloseTo(valueOf(left) * valueOfProduct(factor), 6)
		}))
		fc.assert(fc.property(vector, vector, (left, right) => {
			expect(valueOfVector(addVectors(left, right))).toBeCloseTo(valueOfVector(left) + valueOfVector(right), 6)
			expect(valueOfVector(multiplyVectors(left, right))).toBeCloseTo(valueOfVector(left) * valueOfVector(right), 6)
		}))
	})

	it('are divided only by what is in every part', () => {
		fc.assert(fc.property(vector, product, (parts, divisor) => {
			const whole = parts.map((part) => ({ constant: part.constant * divisor.constant, tensors: [...part.tensors, ...divisor.tensors] }))
			const result = quotient(whole, divisor)
			expect(result).not.toBeNull()
			expect(valueOfVector(result ?? [])).toBeCloseTo(valueOfVector(parts), 6)
		}))
		expect(quotient([{ constant: 1, tensors: ['a'] }], { constant: 1, tensors: ['a', 'a'] })).toBeNull()
	})

	it('lose a term that is taken away again', () => {
		const x = termOf('x')
		expect(addAffines(x, scaleAffine(x, { constant: -1, tensors: [] }))).toEqual({ terms: new Map(), offset: [] })
	})
})
