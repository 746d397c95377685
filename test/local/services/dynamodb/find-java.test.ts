import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findJava, javaVersion } from '../../../../local/services/dynamodb/find-java.ts'
import { standInJava } from './stand-in-java.ts'

const howToGetIt = 'on Debian: apt-get install openjdk-17-jre-headless'

describe('the version in what Java prints', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['openjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_422"', 8],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "11.0.2" 2019-01-15', 11],
    ['The operation couldn’t be completed. Unable to locate a Java Runtime.', undefined],
  ])('%s', (printed, version) => {
    expect(javaVersion(printed)).toBe(version)
  })
})

describe('the search for Java', () => {
  it('takes the one of JAVA_HOME before the one on PATH', async () => {
    const { home } = standInJava('21.0.1')
    const { bin } = standInJava('17.0.15')
    expect(await findJava({ JAVA_HOME: home, PATH: bin })).toEqual({
      command: join(home, 'bin', 'java'),
      version: 21,
    })
  })

  it('takes the one on PATH where that of JAVA_HOME is too old, or there is none', async () => {
    const { home } = standInJava('1.8.0_422')
    const { bin } = standInJava('11.0.2')
    const found = { command: 'java', version: 11 }
    expect(await findJava({ JAVA_HOME: home, PATH: bin })).toEqual(found)
    expect(await findJava({ JAVA_HOME: '/nowhere', PATH: bin })).toEqual(found)
    expect(await findJava({ JAVA_HOME: '', PATH: bin })).toEqual(found)
  })

  it('says what it found where all are too old, and how to get another', async () => {
    const { home, bin } = standInJava('10.0.2')
    expect(await findJava({ JAVA_HOME: home, PATH: bin })).toEqual({
      reason: `Java 11 or newer is needed, but ${home}/bin/java is Java 10 and java is Java 10; ${howToGetIt}`,
    })
  })

  it('says that there is none, and how to get one', async () => {
    expect(await findJava({ PATH: '/nowhere' })).toEqual({
      reason: `Java 11 or newer is needed, but there is none in JAVA_HOME or on PATH; ${howToGetIt}`,
    })
  })
})
