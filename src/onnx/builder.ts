import { makeAttribute } from './attributes.ts'
import {
	DATA_TYPE, float32Tensor, float32Value, int64Tensor, makeGraph, makeModel, makeNode,
	type Graph, type GraphNode, type Model, type Tensor, type ValueInfo,
} from './model.ts'
import { OPERATOR_SET } from './network.ts'
import { constantFacts } from './shapes/constants.ts'
import type { TensorFacts } from './shapes/facts.ts'
import { inferNode, nodeTitle } from './shapes/infer.ts'
import { MOST_VALUES } from './shapes/rule.ts'
import { elementCount } from './tensor.ts'

/** Attribute values by name; which numbers are written as floats follows from the attribute's name. */
export type Attributes = Record<string, number | readonly number[] | string | Tensor>

/**
 * A graph under construction in which the type and the sizes of every tensor are known at any moment: each added node is inferred at once.
 * Every name given back is the name of a tensor of the graph. All methods throw an Error that names the node where it cannot be.
 */
export interface GraphBuilder {
	/** An input of the graph; float32 unless said. */
	input(name: string, dims: readonly number[], dataType?: number): string
	/** A constant with a name of its own, e.g. a weight. */
	initializer(tensor: Tensor): string
	/** A float32 constant; equal ones are made once. A scalar where dims is empty. */
	floats(values: readonly number[], dims: readonly number[]): string
	scalar(value: number): string
	/** An int64 list: shapes, axes, indices; equal ones are made once. */
	integers(values: readonly number[]): string
	/** Adds a node with one output. An empty input name is an absent optional input. `as` names the output; otherwise it is made up from the operator. */
	node(opType: string, inputs: readonly string[], attributes?: Attributes, as?: string): string
	/** Adds a node with several outputs, an empty name for one that is not wanted. */
	nodes(opType: string, inputs: readonly string[], attributes: Attributes, outputs: number | readonly string[], domain?: string): string[]
	/** Adds the nodes and constants of a graph; `bind` says which tensor stands for each of its inputs. Its other names stay as they are. */
	include(graph: Graph, bind: ReadonlyMap<string, string>): void
	/** A name that nothing has yet. */
	unique(hint: string): string
	facts(name: string): TensorFacts
	dims(name: string): readonly number[]
	/** Makes a tensor an output of the graph. */
	output(name: string): void
	/** The nodes so far, in an order in which they can run. */
	readonly graph: Graph
	/** freeBatch: the first dimension of the image and of every output is written as free. */
	model(options?: { freeBatch?: boolean }): Model
}

/** A value of any type with its sizes; the first may be written as free. */
function valueOf(name: string, facts: TensorFacts, freeBatch: boolean): ValueInfo {
	const value = float32Value(name, facts.dims.map((size, axis) => (freeBatch && axis === 0 ? 'batch' : size)))
	const tensorType = value.type?.tensorType
	if (tensorType) tensorType.elemType = facts.dataType
	return value
}

/** Equal texts for equal constants; -0 and 0 are not equal. */
function constantKey(kind: string, values: readonly number[], dims: readonly number[]): string {
	return `${kind}[${dims.join()}]${values.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join()}`
}

/** @throws Error when what is bound to an input is not of the type and sizes that the graph declares for it. */
function expectFit(declared: ValueInfo, bound: TensorFacts): void {
	const tensor = declared.type?.tensorType
	if (!tensor) return
	if (tensor.elemType !== undefined && tensor.elemType !== bound.dataType) throw new Error(`The input "${declared.name ?? ''}" of the graph is of type ${tensor.elemType}, not ${bound.dataType}.`)
	if (!tensor.shape) return
	const sizes = tensor.shape.dim.map((dimension) => (dimension.dimValue === undefined ? null : Number(dimension.dimValue)))
	if (sizes.length !== bound.dims.length || sizes.some((size, axis) => size !== null && size !== bound.dims[axis])) {
		throw new Error(`The input "${declared.name ?? ''}" of the graph has sizes [${sizes.map((size) => size ?? '?').join(', ')}], not [${bound.dims.join(', ')}].`)
	}
}

/** A builder with nothing in it. */
export function createGraphBuilder(): GraphBuilder {
	const known = new Map<string, TensorFacts>()
	const counters = new Map<string, number>()
	const constants = new Map<string, string>()
	const domains = new Set<string>()
	const graph = makeGraph('graph')

	function unique(hint: string): string {
		let count = counters.get(hint) ?? 0
		let name = count === 0 ? hint : `${hint}_${count}`
		while (known.has(name)) name = `${hint}_${++count}`
		counters.set(hint, count + 1)
		return name
	}

	function facts(name: string): TensorFacts {
		const found = known.get(name)
		if (!found) throw new Error(`The graph has no tensor "${name}".`)
		return found
	}

	function define(name: string, found: TensorFacts): void {
		if (name === '') throw new Error('A tensor needs a name.')
		if (known.has(name)) throw new Error(`The graph already has a tensor "${name}".`)
		known.set(name, found)
	}

	function initializer(tensor: Tensor): string {
		const name = tensor.name ?? ''
		let found: TensorFacts
		try {
			found = constantFacts(tensor)
		} catch (error) {
			throw new Error(`The constant "${name}" cannot be used: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
		}
		define(name, found)
		graph.initializer.push(tensor)
		return name
	}

	/** Adds a finished node whose inputs are tensors of this graph. */
	function add(node: GraphNode): void {
		const inputs = node.input.map((name) => {
			if (name === '') return null
			const found = known.get(name)
			if (!found) throw new Error(`${nodeTitle(node)}: its input "${name}" is no tensor of the graph.`)
			return found
		})
		const inferred = inferNode(node, inputs)
		if (node.output.length > inferred.length) throw new Error(`${nodeTitle(node)}: it has ${inferred.length} outputs at most, not ${node.output.length}.`)
		for (const [index, name] of node.output.entries()) {
			const found = inferred[index]
			if (name !== '' && found) define(name, found)
		}
		if (node.domain) domains.add(node.domain)
		graph.node.push(node)
	}

	function nodes(opType: string, inputs: readonly string[], attributes: Attributes, outputs: number | readonly string[], domain = ''): string[] {
		const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => unique(opType)) : [...outputs]
		const node = makeNode(opType, [...inputs], names, Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)))
		add(domain === '' ? node : { ...node, domain })
		return names
	}

	/** A constant of the builder's own, made once. */
	function shared(kind: string, values: readonly number[], dims: readonly number[], make: (name: string) => Tensor): string {
		if (values.length > MOST_VALUES) return initializer(make(unique(kind)))
		const key = constantKey(kind, values, dims)
		const existing = constants.get(key)
		if (existing !== undefined) return existing
		const name = initializer(make(unique(kind)))
		constants.set(key, name)
		return name
	}

	function floats(values: readonly number[], dims: readonly number[]): string {
		if (values.length !== elementCount(dims)) throw new Error(`${values.length} values do not fill [${dims.join(', ')}].`)
		return shared('floats', values, dims, (name) => float32Tensor(name, dims, values))
	}

	return {
		graph,
		input(name, dims, dataType = DATA_TYPE.float32) {
			elementCount(dims)
			define(name, { dataType, dims: [...dims], values: null })
			graph.input.push(valueOf(name, facts(name), false))
			return name
		},
		initializer,
		floats,
		scalar: (value) => floats([value], []),
		integers: (values) => shared('integers', values, [values.length], (name) => int64Tensor(name, values)),
		node(opType, inputs, attributes = {}, as) {
			const [name = ''] = nodes(opType, inputs, attributes, as === undefined ? 1 : [as])
			return name
		},
		nodes,
		include(other, bind) {
			for (const name of bind.values()) facts(name)
			for (const tensor of other.initializer) {
				if (!bind.has(tensor.name ?? '')) initializer(tensor)
			}
			for (const value of other.input) {
				const name = value.name ?? ''
				const bound = bind.get(name)
				if (bound !== undefined) expectFit(value, facts(bound))
				else if (!other.initializer.some((tensor) => tensor.name === name)) throw new Error(`Nothing is bound to the input "${name}" of the graph.`)
			}
			for (const node of other.node) add({ ...node, input: node.input.map((name) => bind.get(name) ?? name) })
		},
		unique,
		facts,
		dims: (name) => facts(name).dims,
		output(name) {
			const found = facts(name)
			if (!graph.output.some((value) => value.name === name)) graph.output.push(valueOf(name, found, false))
		},
		model(options = {}) {
			const freeBatch = options.freeBatch === true
			const free = (value: ValueInfo, isFree: boolean) => valueOf(value.name ?? '', facts(value.name ?? ''), freeBatch && isFree)
			return makeModel({
				...graph,
				input: graph.input.map((value) => free(value, value.name === 'input')),
				output: graph.output.map((value) => free(value, true)),
			}, OPERATOR_SET, [...domains])
		},
	}
}
