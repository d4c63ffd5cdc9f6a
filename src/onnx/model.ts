import {
	byteStrings, bytes, doubles, emptyMessage, float, floats, int32, int32s, int64, int64s, optionalMessage, readMessage, repeatedMessage, string, strings, uint64s, writeMessage,
	type Message, type MessageTable,
} from './wire.ts'

/**
 * The part of ONNX's file format (onnx.proto) that this program reads or builds, with the field names of the specification in
 * lower camel case. Absent optional fields are undefined; whatever is not named here is kept and written back.
 */

export interface Tensor extends Message {
	dims: bigint[]
	dataType: number | undefined
	floatData: number[]
	int32Data: number[]
	stringData: Uint8Array[]
	int64Data: bigint[]
	name: string | undefined
	rawData: Uint8Array | undefined
	doubleData: number[]
	uint64Data: bigint[]
	/** 1: the values lie in another file. */
	dataLocation: number | undefined
}

export interface Attribute extends Message {
	name: string | undefined
	type: number | undefined
	f: number | undefined
	i: bigint | undefined
	s: Uint8Array | undefined
	t: Tensor | undefined
	g: Graph | undefined
	floats: number[]
	ints: bigint[]
	strings: Uint8Array[]
	tensors: Tensor[]
	graphs: Graph[]
}

export interface GraphNode extends Message {
	input: string[]
	output: string[]
	name: string | undefined
	opType: string | undefined
	domain: string | undefined
	attribute: Attribute[]
}

export interface Dimension extends Message {
	dimValue: bigint | undefined
	dimParam: string | undefined
}
export interface TensorShape extends Message {
	dim: Dimension[]
}
export interface TensorType extends Message {
	elemType: number | undefined
	shape: TensorShape | undefined
}
export interface ValueType extends Message {
	tensorType: TensorType | undefined
}
export interface ValueInfo extends Message {
	name: string | undefined
	type: ValueType | undefined
}

export interface Graph extends Message {
	node: GraphNode[]
	name: string | undefined
	initializer: Tensor[]
	input: ValueInfo[]
	output: ValueInfo[]
	valueInfo: ValueInfo[]
}

export interface OperatorSet extends Message {
	domain: string | undefined
	version: bigint | undefined
}

export interface Model extends Message {
	irVersion: bigint | undefined
	opsetImport: OperatorSet[]
	producerName: string | undefined
	graph: Graph | undefined
}

/** TensorProto.DataType. */
export const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8 } as const

const dimensionTable: MessageTable<Dimension> = { fields: { dimValue: int64(1), dimParam: string(2) } }
const shapeTable: MessageTable<TensorShape> = { fields: { dim: repeatedMessage(1, () => dimensionTable) } }
const tensorTypeTable: MessageTable<TensorType> = { fields: { elemType: int32(1), shape: optionalMessage(2, () => shapeTable) } }
const valueTypeTable: MessageTable<ValueType> = { fields: { tensorType: optionalMessage(1, () => tensorTypeTable) } }
const valueInfoTable: MessageTable<ValueInfo> = { fields: { name: string(1), type: optionalMessage(2, () => valueTypeTable) } }
const operatorSetTable: MessageTable<OperatorSet> = { fields: { domain: string(1), version: int64(2) } }

const tensorTable: MessageTable<Tensor> = {
	fields: {
		dims: int64s(1), dataType: int32(2), floatData: floats(4), int32Data: int32s(5), stringData: byteStrings(6), int64Data: int64s(7),
		name: string(8), rawData: bytes(9), doubleData: doubles(10), uint64Data: uint64s(11), dataLocation: int32(14),
	},
}

const attributeTable: MessageTable<Attribute> = {
	fields: {
		name: string(1), f: float(2), i: int64(3), s: bytes(4), t: optionalMessage(5, () => tensorTable), g: optionalMessage(6, () => graphTable),
		floats: floats(7), ints: int64s(8), strings: byteStrings(9), tensors: repeatedMessage(10, () => tensorTable),
		graphs: repeatedMessage(11, () => graphTable), type: int32(20),
	},
}

const nodeTable: MessageTable<GraphNode> = {
	fields: { input: strings(1), output: strings(2), name: string(3), opType: string(4), attribute: repeatedMessage(5, () => attributeTable), domain: string(7) },
}

const graphTable: MessageTable<Graph> = {
	fields: {
		node: repeatedMessage(1, () => nodeTable), name: string(2), initializer: repeatedMessage(5, () => tensorTable),
		input: repeatedMessage(11, () => valueInfoTable), output: repeatedMessage(12, () => valueInfoTable), valueInfo: repeatedMessage(13, () => valueInfoTable),
	},
}

const modelTable: MessageTable<Model> = {
	fields: { irVersion: int64(1), producerName: string(2), graph: optionalMessage(7, () => graphTable), opsetImport: repeatedMessage(8, () => operatorSetTable) },
}

/** @throws Error when the bytes are not an ONNX model with a graph. */
export function readModel(file: Uint8Array): Model & { graph: Graph } {
	const model = readMessage(file, modelTable)
	if (!model.graph || model.graph.node.length === 0) throw new Error('The file holds no ONNX graph.')
	return { ...model, graph: model.graph }
}

export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
	return writeMessage(model, modelTable)
}

export function makeGraph(name: string): Graph {
	return { ...emptyMessage(graphTable), name }
}

function operators(domain: string, version: number): OperatorSet {
	return { ...emptyMessage(operatorSetTable), domain, version: BigInt(version) }
}

/** A model of the standard operators of one version, and of version 1 of the operators of other domains. */
export function makeModel(graph: Graph, operatorSet: number, domains: readonly string[] = []): Model {
	return {
		...emptyMessage(modelTable), irVersion: 9n, producerName: 'negatoscope', graph,
		opsetImport: [operators('', operatorSet), ...domains.map((domain) => operators(domain, 1))],
	}
}

export function makeNode(opType: string, input: string[], output: string[], attribute: Attribute[] = []): GraphNode {
	return { ...emptyMessage(nodeTable), opType, input, output, name: output[0], attribute }
}

export function intAttribute(name: string, value: number): Attribute {
	return { ...emptyMessage(attributeTable), name, type: ATTRIBUTE_TYPE.int, i: BigInt(value) }
}

export function intsAttribute(name: string, values: readonly number[]): Attribute {
	return { ...emptyMessage(attributeTable), name, type: ATTRIBUTE_TYPE.ints, ints: values.map(BigInt) }
}

/** Text of ASCII characters, as every attribute of the standard operators is. */
export function stringAttribute(name: string, value: string): Attribute {
	return { ...emptyMessage(attributeTable), name, type: ATTRIBUTE_TYPE.string, s: Uint8Array.from(value, (character) => character.charCodeAt(0)) }
}

export function int64Tensor(name: string, values: readonly number[]): Tensor {
	return { ...emptyMessage(tensorTable), name, dataType: DATA_TYPE.int64, dims: [BigInt(values.length)], int64Data: values.map(BigInt) }
}

/** A scalar where dims is empty. */
export function float32Tensor(name: string, dims: readonly number[], values: readonly number[]): Tensor {
	return { ...emptyMessage(tensorTable), name, dataType: DATA_TYPE.float32, dims: dims.map(BigInt), floatData: [...values] }
}

/** An output whose type and sizes follow from the graph. */
export function makeValue(name: string): ValueInfo {
	return { ...emptyMessage(valueInfoTable), name }
}

/** A float32 input or output; a dimension given as text is free. */
export function float32Value(name: string, dims: readonly (number | string)[]): ValueInfo {
	const dim = dims.map((size) => ({
		...emptyMessage(dimensionTable),
		...(typeof size === 'number' ? { dimValue: BigInt(size) } : { dimParam: size }),
	}))
	const tensorType = { ...emptyMessage(tensorTypeTable), elemType: DATA_TYPE.float32, shape: { ...emptyMessage(shapeTable), dim } }
	return { ...emptyMessage(valueInfoTable), name, type: { ...emptyMessage(valueTypeTable), tensorType } }
}
