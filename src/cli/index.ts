import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { RESEARCH_USE } from '../common/contract/primitives.ts'
import { UserError } from '../common/contract/procedures.ts'
import { defaultHome } from '../main/home.ts'
import { forkHost } from '../main/shell/forkHost.ts'
import { createWorkstation, type Workstation } from '../main/workstation.ts'
import { checkGateCommand } from './checkGate.ts'
import type { Command } from './command.ts'
import { evaluateCommand } from './evaluate.ts'
import { explainSetCommand } from './explainSet.ts'
import { exportDataSetCommand } from './exportDataSet.ts'
import { endProgress, EXIT, CannotRunError, UsageError } from './output.ts'
import { packCommands } from './packCommands.ts'
import { readingCommands } from './readingCommands.ts'
import { trainingCommands } from './trainingCommands.ts'

const HELP = `negatoscope COMMAND [options]        ${RESEARCH_USE}

  inspect FILE...                     what each file is: syntax, size, stored values, or why it is refused
  predict FILE...                     the answer on the first frame of each file, of the student for its kind of image
  check-gate FOLDER...                how many images of each folder the input gate refuses, and by which check
  explain FILE --label L              Score-CAM of a label
      [--layer N] [--out map.png] [--raw map.npy]
      [--mode paper|official|pytorch-grad-cam|torchcam] whose definition of Score-CAM (docs/explanations.md)
      [--faithfulness]                how far to trust the map: deletion, insertion, drop, beside maps in random places
  import PATH...                      files, folders and ZIP archives into the library
  studies [--search WORDS]            the studies of the library
  report STUDY --out r.pdf            the latest signed report of a study, else its draft; STUDY is its
                                      number in the list of studies, or its StudyInstanceUID
      [--format pdf|json|csv]
  models                              the model packs, and why one is refused
  zoo list [--classes N]              the networks that can be trained, with parameters and multiply-accumulates
  zoo build NAME --classes N --out F  a network with first values as an ONNX file
      [--size P] [--seed S] [--weights F]
  zoo search --latency-ms X           the best student for X milliseconds per image on this machine, as a recipe has it
      [--classes N]
  train RECIPE                        a training run after a JSON recipe (docs/training.md); Ctrl-C pauses it
      [--check]                       only what is looked at before the first step
  distil --teacher T --student S      a run that teaches a student with a pack's answers; D is a folder with a manifest.csv
      --data D [--epochs N] [--size P] [--batch N] [--seed S] [--name N] [--check]
  runs                                the training runs
  resume RUN                          a run that was paused, interrupted or failed goes on from its last checkpoint
  evaluate MODEL DATA                 MODEL: a pack's id or folder, or an ONNX file with its model.json beside it; DATA: a folder
      [--split test] [--by COLUMN,...] with a manifest.csv; metrics with intervals (docs/evaluation.md), also for each value of a column
      [--out FOLDER]                  evaluation.json and predictions.csv
  explain-set MODEL DATA              tables of how faithful a model's maps are, and how much of them lies where it should
      [--split test] [--by COLUMN,...] MODEL and DATA as for evaluate, or DATA a folder of known masks (docs/explanations.md)
      [--teacher MODEL]               a second model on the same films, and how far the two maps agree
      [--localisation FOLDER]         films with masks or boxes beside those of DATA; may be given again
      [--localisation-split test] [--films N] [--seed S] [--randomisation N] [--mode paper] [--layer N]
      [--html FOLDER] [--out FOLDER]  pages with example films; what was measured, so that a stopped run goes on where it was
      [--card]                        also into model.json and CARD.md of MODEL's pack
  export-dataset --out DIR            what readers accepted and rejected, as images with a manifest.csv to learn from; no names
  export-pack ID --out FILE           a model pack in one file: an installed one, or that of a run
  import-pack FILE                    such a file as a candidate, which reads nothing before it is promoted in the window
  self-test                           golden logits of every pack, codecs on the phantom, the library's integrity

  --json          the answer as JSON on the standard output; progress goes to the standard error
  --home DIR      data folder (studies, settings, the user's packs)
  --model ID      for predict, check-gate and explain: another pack than the chosen student

Exit codes: 0 all done; 1 the command was not understood; 2 some input was refused or failed; 3 the program could not run.
`

const COMMON = { json: { type: 'boolean', default: false }, home: { type: 'string' }, model: { type: 'string' }, help: { type: 'boolean', default: false } } as const

const commands: Record<string, Command> = { ...readingCommands, ...trainingCommands, evaluate: evaluateCommand, 'check-gate': checkGateCommand, 'explain-set': explainSetCommand, 'export-dataset': exportDataSetCommand, ...packCommands }

process.exitCode = await main(process.argv.slice(2))
// A pipe takes an answer of more than 64 KiB bit by bit, and what it has not taken is lost when the process ends. Its reader may have left.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => {
	stream.once('error', resolve)
	stream.write('', resolve)
})))
// The hosts' lines would keep the process alive while they end.
process.exit()

async function main([name = '', ...parameters]: string[]): Promise<number> {
	try {
		if (name === '' || name === 'help' || name === '--help' || name === '-h') {
			process.stdout.write(HELP)
			return name === '' ? EXIT.usage : EXIT.done
		}
		const command = Object.hasOwn(commands, name) ? commands[name] : undefined
		if (!command) throw new UsageError(`There is no command ${name}.`)
		const { values, positionals } = parse(parameters, { ...COMMON, ...command.options })
		if (values['help'] === true) {
			process.stdout.write(HELP)
			return EXIT.done
		}
		const [least, most] = command.words
		if (positionals.length < least) throw new UsageError(`${name} needs something to work on.`)
		if (positionals.length > most) throw new UsageError(`${name} does not take "${positionals[most]}".`)
		const text = (option: string) => (typeof values[option] === 'string' ? values[option] : null)
		const texts = (option: string) => [values[option] ?? []].flat().filter((value) => typeof value === 'string')
		const workstation = await openWorkstation(text('home')).catch((error: unknown) => {
			throw new CannotRunError(error instanceof Error ? error.message : String(error))
		})
		try {
			return await command.run({ workstation, json: values['json'] === true, words: positionals, text, texts, flag: (option) => values[option] === true })
		} finally {
			endProgress()
			await workstation.program.close()
		}
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error)
		process.stderr.write(`negatoscope: ${message}\n`)
		if (error instanceof UsageError) {
			process.stderr.write('negatoscope help lists the commands.\n')
			return EXIT.usage
		}
		return error instanceof CannotRunError || !(error instanceof UserError) ? EXIT.cannotRun : EXIT.someRefused
	}
}

function parse(parameters: string[], options: ParseArgsOptionsConfig) {
	try {
		return parseArgs({ args: parameters, allowPositionals: true, options })
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error))
	}
}

function openWorkstation(home: string | null): Promise<Workstation> {
	const here = dirname(fileURLToPath(import.meta.url))
	const root = join(here, '..', '..')
	return createWorkstation({
		home: home ?? defaultHome(),
		shell: 'browser',
		shellReason: 'command line',
		spawn: forkHost,
		entries: existsSync(join(here, 'imagingHost.js'))
			? { imaging: join(here, 'imagingHost.js'), inference: join(here, 'inferenceHost.js'), training: join(here, 'trainingHost.js'), review: join(here, 'reviewHost.js') }
			: { imaging: join(root, 'src/hosts/imaging/index.ts'), inference: join(root, 'src/hosts/inference/index.ts'), training: join(root, 'src/hosts/training/index.ts'), review: join(root, 'src/hosts/training/review/index.ts') },
		page: join(here, '..', 'renderer'),
		builtInModels: join(root, 'resources', 'models'),
		recipes: join(root, 'resources', 'recipes'),
	})
}
