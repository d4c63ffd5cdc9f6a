import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { modelManifestSchema, type ModelManifest } from '../../../common/contract/model.ts'
import { UserError } from '../../../common/contract/procedures.ts'
import type { TrainingTask } from '../../../common/contract/training/loss.ts'
import type { InputRecipe, Recipe, StudentRecipe, TeacherRecipe } from '../../../common/contract/training/recipe.ts'
import { networkOfModel } from '../../../onnx/fromModel.ts'
import { readModel } from '../../../onnx/model.ts'
import type { Network, Weights } from '../../../onnx/network.ts'
import { replaceHead } from '../../../onnx/surgery/head.ts'
import { assignWeights } from '../../../zoo/assignWeights.ts'
import { initialValues, initialWeights } from '../../../zoo/initialise.ts'
import { buildLungNetwork } from '../../../zoo/lungs.ts'
import { buildNetwork } from '../../../zoo/networks.ts'
import { buildOfaNetwork } from '../../../zoo/ofa/network.ts'
import { readWeightFile } from '../../../zoo/weightFile.ts'
import { atSize } from '../graph/atSize.ts'
import type { Teacher } from '../graph/teacher.ts'

/** Largest graph that is read. */
const LARGEST_GRAPH = 1024 ** 3
const OFA_DROPOUT = 0.2
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const USUAL_SIZE = 224
const USUAL_LUNG_SIZE = 128

/** A network with values, from wherever the recipe has it. */
interface Loaded {
	network: Network
	weights: Weights
	/** Null where it does not come from a pack. */
	manifest: ModelManifest | null
}

function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex')
}

function readBytes(path: string, field: string): Uint8Array {
	try {
		if (statSync(path).size > LARGEST_GRAPH) throw new UserError(`${path} (${field}) is larger than 1 GiB.`)
		return readFileSync(path)
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError(`${path} (${field}) cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`)
	}
}

/** @throws UserError naming field and file where it is no model pack. */
function readManifest(folder: string, field: string): ModelManifest {
	const path = join(folder, 'model.json')
	let value: unknown
	try {
		value = JSON.parse(new TextDecoder().decode(readBytes(path, field)))
	} catch (error) {
		throw error instanceof UserError ? error : new UserError(`${path} (${field}) is no JSON.`)
	}
	const parsed = modelManifestSchema.safeParse(value)
	if (parsed.success) return parsed.data
	throw new UserError(`${path} (${field}) is not valid at "${parsed.error.issues[0]?.path.join('.') ?? ''}": ${parsed.error.issues[0]?.message ?? ''}.`)
}

/** @throws UserError naming field and file where the graph is not the manifest's, or is none that can be trained. */
function loadPack(folder: string, field: string): Loaded & { sha256: string } {
	const manifest = readManifest(folder, field)
	const path = join(folder, 'model.onnx')
	const bytes = readBytes(path, field)
	const hash = sha256(bytes)
	if (hash !== manifest.sha256) throw new UserError(`${path} (${field}) is not the graph that its model.json describes: its SHA-256 differs.`)
	const loaded = readGraph(bytes, path, field, {
		name: manifest.id, title: manifest.title, input: manifest.input.name, logits: manifest.outputs.logits, inputSize: manifest.input.height, camLayers: manifest.outputs.camLayers,
	})
	return { ...loaded, manifest, sha256: hash }
}

function readGraph(bytes: Uint8Array, path: string, field: string, reading: Parameters<typeof networkOfModel>[1]): { network: Network; weights: Weights } {
	try {
		return networkOfModel(readModel(bytes), reading)
	} catch (error) {
		throw new UserError(`${path} (${field}) is no network that can be used here: ${error instanceof Error ? error.message : String(error)}`)
	}
}

const title = (path: string) => path.split(/[\\/]/).at(-1)?.replace(/\.onnx$/, '') ?? path

/** What the recipe says of the input, and the rest from the pack, or the network's size and ImageNet's normalisation. */
function inputOf({ input }: Pick<Recipe, 'input'>, { manifest, network }: Loaded): InputRecipe {
	const usual: InputRecipe = manifest
		? { size: manifest.input.height, mean: manifest.input.mean, std: manifest.input.std, colour: manifest.input.colour, region: manifest.input.region ?? null, tones: manifest.input.tones ?? null }
		: { size: network.inputSize, ...IMAGENET, colour: 'grey', region: null, tones: null }
	return { ...usual, ...input }
}

function loadStudent(student: StudentRecipe, classes: number, inputSize: number | undefined, seed: number): Loaded {
	switch (student.from) {
		case 'zoo': {
			const network = buildNetwork(student.name, { classes, inputSize: inputSize ?? USUAL_SIZE })
			return { network, weights: firstWeights(network, seed, student.weights), manifest: null }
		}
		case 'ofa': {
			const { depths, kernels, expands, width } = student
			const network = buildOfaNetwork({ depths, kernels, expands, width, inputSize: inputSize ?? USUAL_SIZE }, { name: 'ofa', title: 'OFA-MobileNetV3 sub-network', classes, inputSize: inputSize ?? USUAL_SIZE, dropout: OFA_DROPOUT })
			return { network, weights: firstWeights(network, seed, student.weights), manifest: null }
		}
		case 'lungs': {
			const network = buildLungNetwork({ inputSize: inputSize ?? USUAL_LUNG_SIZE })
			return { network, weights: firstWeights(network, seed, student.weights), manifest: null }
		}
		case 'pack': {
			const loaded = loadPack(student.pack, 'student.pack')
			// What is made of it is another pack of the same architecture, whatever size it reads and however it is stored.
			return { ...loaded, network: { ...loaded.network, title: loaded.manifest?.architecture.split(', ')[0] ?? loaded.network.title } }
		}
		case 'onnx': {
			const reading = { name: title(student.file), title: student.title ?? title(student.file), ...(inputSize === undefined ? {} : { inputSize }) }
			return { ...readGraph(readBytes(student.file, 'student.file'), student.file, 'student.file', reading), manifest: null }
		}
	}
}

function firstWeights(network: Network, seed: number, file: string | undefined): Weights {
	if (file === undefined) return initialWeights(network, seed)
	try {
		return assignWeights(network, readWeightFile(readBytes(file, 'student.weights')), seed).weights
	} catch (error) {
		if (error instanceof UserError) throw error
		throw new UserError(`${file} (student.weights) does not fit ${network.title}: ${error instanceof Error ? error.message : String(error)}`)
	}
}

export interface Student extends Loaded {
	input: InputRecipe
}

/**
 * The network that is trained, with its first values and a head for the labels of the data set.
 * @throws UserError naming field and file.
 */
export function openStudent(recipe: Recipe, labels: readonly string[]): Student {
	const loaded = loadStudent(recipe.student, labels.length, recipe.input.size, recipe.seed)
	const input = inputOf(recipe, loaded)
	const own = loaded.manifest?.labels.map(({ name }) => name)
	const fits = own ? own.join('\n') === labels.join('\n') : loaded.network.classes === labels.length
	const { network, weights } = fits ? loaded : withNewHead(loaded, labels.length, recipe.seed)
	try {
		return { ...loaded, network: atSize(network, input.size), weights, input }
	} catch (error) {
		throw new UserError(`${network.title} cannot read images of ${input.size} x ${input.size} pixels (field input.size): ${error instanceof Error ? error.message : String(error)}`)
	}
}

/** A head for other labels than it was trained with begins anew. */
function withNewHead({ network, weights }: Loaded, classes: number, seed: number): { network: Network; weights: Weights } {
	const replaced = classes === network.classes ? network : replaceHead(network, classes)
	const isHead = (name: string) => name === replaced.head.weight || name === replaced.head.bias
	const drawn = new Map(replaced.parameters.flatMap((parameter) => (isHead(parameter.name) ? [[parameter.name, initialValues(parameter, seed)] as const] : [])))
	return { network: replaced, weights: new Map([...weights].map(([name, values]) => [name, drawn.get(name) ?? values])) }
}

/**
 * The teachers, with the place of each label of the data set in their answers.
 * @throws UserError naming the field where a teacher's labels are not those of the data set, or it was made for another part of the film.
 */
export function openTeachers(teachers: readonly TeacherRecipe[], labels: readonly string[], task: TrainingTask, student: Sight): Teacher[] {
	const shares = teachers.reduce((sum, { share }) => sum + share, 0)
	return teachers.map((recipe, index) => {
		const teacher = openTeacher(recipe, `teachers[${index}]`, { labels, task, share: recipe.share / shares })
		// Size and normalisation of an image are changed in the step; what it shows cannot be.
		if (sightOf(teacher.input) !== sightOf(student)) {
			throw new UserError(`${recipe.from === 'pack' ? recipe.pack : recipe.file} (teachers[${index}]): the teacher was made for ${sightOf(teacher.input)}, the student sees ${sightOf(student)} (input.region and input.tones).`)
		}
		return teacher
	})
}

type Sight = Pick<InputRecipe, 'region' | 'tones'>

function sightOf({ region, tones }: Sight): string {
	const part = region ? `the ${region.of} with a margin of ${region.margin}` : 'whole films'
	return tones ? `${part}, ${tones}` : part
}

function openTeacher(recipe: TeacherRecipe, at: string, { labels, task, share }: { labels: readonly string[]; task: TrainingTask; share: number }): Teacher {
	if (recipe.from === 'pack') {
		const field = `${at}.pack`
		const loaded = loadPack(recipe.pack, field)
		const { network, weights, manifest, sha256: hash } = loaded
		if (!manifest) throw new Error('A pack has a manifest.')
		if (manifest.task !== task) throw new UserError(`${recipe.pack} (${field}): the teacher answers ${inWords(manifest.task)}; the data set has ${inWords(task)}.`)
		const own = manifest.labels.map(({ name }) => name)
		return { name: manifest.id, network, weights, input: inputOf({ input: {} }, loaded), share, order: orderOf(own, labels, recipe.pack, field), sha256: hash }
	}
	const field = `${at}.file`
	const bytes = readBytes(recipe.file, field)
	const { network, weights } = readGraph(bytes, recipe.file, field, { name: title(recipe.file), title: title(recipe.file), inputSize: recipe.input.size })
	if (network.classes !== recipe.labels.length) throw new UserError(`${recipe.file} (${at}.labels): the teacher has ${network.classes} outputs, and ${recipe.labels.length} labels are given.`)
	return { name: network.name, network, weights, input: recipe.input, share, order: orderOf(recipe.labels, labels, recipe.file, field), sha256: sha256(bytes) }
}

const inWords = (task: TrainingTask) => (task === 'multiclass' ? 'one label per image' : task === 'multilabel' ? 'several labels per image' : 'masks')

function orderOf(own: readonly string[], wanted: readonly string[], path: string, field: string): number[] {
	const missing = wanted.filter((label) => !own.includes(label))
	const others = own.filter((label) => !wanted.includes(label))
	if (missing.length > 0 || others.length > 0) {
		throw new UserError(`${path} (${field}): the labels of the teacher are not those of the data set. The teacher has ${own.join(', ')}; the data set has ${wanted.join(', ')}.`)
	}
	return wanted.map((label) => own.indexOf(label))
}
