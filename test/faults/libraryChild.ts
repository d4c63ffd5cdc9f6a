import { importPaths } from '../../src/main/library/import.ts'
import { openLibrary } from '../../src/main/library/library.ts'
import { fakeHosts } from '../main/library/synthetic.ts'

/* Imports a folder of synthetic files into a library: node libraryChild.ts HOME FOLDER IMPORT_ID. For tests that end it, or run two. */
const [home = '', folder = '', importId = ''] = process.argv.slice(2)
const library = openLibrary(home)
process.stdout.write('ready\n')
const summary = await importPaths({ importId, files: [{ path: folder, name: folder }], library, hosts: fakeHosts() })
process.stdout.write(`${JSON.stringify(summary)}\n`)
library.close()
