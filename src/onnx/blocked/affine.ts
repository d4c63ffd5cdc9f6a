/**
 * Arithmetic on sums of blocked tensors with a factor and an offset per channel, done on paper: a chain of normalisation, scaling and
 * adding becomes one pass over the memory where it is needed, and none where only its sums are.
 */

/** A constant times values per channel (or per image and channel), which are tensors of the standard graph by name. */
export interface Product {
	constant: number
	tensors: readonly string[]
}
/** A sum; nothing in it is zero. */
export type Vector = readonly Product[]

export interface Affine {
	/** Factor by blocked tensor. */
	terms: ReadonlyMap<string, Vector>
	offset: Vector
}

export const ONE: Vector = [{ constant: 1, tensors: [] }]

export function isOne(vector: Vector): boolean {
	const [only] = vector
	return vector.length === 1 && only?.constant === 1 && only.tensors.length === 0
}

/** The same text for the same product of tensors in any order. */
export function productKey({ tensors }: Product): string {
	return tensors.toSorted().join('\n')
}

export function multiplyProducts(left: Product, right: Product): Product {
	return { constant: left.constant * right.constant, tensors: [...left.tensors, ...right.tensors] }
}

function scaleVector(vector: Vector, factor: Product): Vector {
	return factor.constant === 0 ? [] : vector.map((product) => multiplyProducts(product, factor))
}

export function addVectors(left: Vector, right: Vector): Vector {
	const sum = new Map<string, Product>()
	for (const product of [...left, ...right]) {
		const key = productKey(product)
		sum.set(key, { ...product, constant: product.constant + (sum.get(key)?.constant ?? 0) })
	}
	return [...sum.values()].filter(({ constant }) => constant !== 0)
}

export function multiplyVectors(left: Vector, right: Vector): Vector {
	return addVectors(left.flatMap((first) => right.map((second) => multiplyProducts(first, second))), [])
}

/** vector / divisor where every product of the vector has the divisor's tensors in it; null otherwise. */
export function quotient(vector: Vector, divisor: Product): Vector | null {
	const result: Product[] = []
	for (const product of vector) {
		const tensors = [...product.tensors]
		for (const name of divisor.tensors) {
			const place = tensors.indexOf(name)
			if (place < 0) return null
			tensors.splice(place, 1)
		}
		result.push({ constant: product.constant / divisor.constant, tensors })
	}
	return result
}

export function termOf(tensor: string): Affine {
	return { terms: new Map([[tensor, ONE]]), offset: [] }
}

export function scaleAffine({ terms, offset }: Affine, factor: Product): Affine {
	return { terms: new Map([...terms].map(([tensor, vector]) => [tensor, scaleVector(vector, factor)])), offset: scaleVector(offset, factor) }
}

export function addAffines(left: Affine, right: Affine): Affine {
	const terms = new Map(left.terms)
	for (const [tensor, vector] of right.terms) {
		const sum = addVectors(terms.get(tensor) ?? [], vector)
		if (sum.length > 0) terms.set(tensor, sum)
		else terms.delete(tensor)
	}
	return { terms, offset: addVectors(left.offset, right.offset) }
}
