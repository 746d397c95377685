import { expect, test } from 'vitest'
import { startDynamoDb } from '../../../../local/services/dynamodb/server.ts'
import { standInJava } from './stand-in-java.ts'

const untold = (text: string): never => {
  throw new Error(text)
}

test('without Java it says so in one line', async () => {
  await expect(startDynamoDb({ environment: { PATH: '/nowhere' }, onEnd: untold })).rejects.toThrow(
    /^DynamoDB Local: Java 11 or newer is needed, but there is none in JAVA_HOME or on PATH; on Debian: .*$/,
  )
})

test('a Java that ends without a port is quoted in one line', async () => {
  const script = 'echo "Error: Could not find a main class" >&2; echo "	at Main.main(Main.java)" >&2; exit 3'
  const { home: JAVA_HOME } = standInJava('17.0.1', script)
  await expect(startDynamoDb({ environment: { JAVA_HOME }, onEnd: untold })).rejects.toThrow(
    /^DynamoDB Local did not start: exit code 3: Error: Could not find a main class$/,
  )
})

test('its end is told once it has begun, but not where it was wanted', async () => {
  const untilInputEnds = 'echo 4242; read -r _'
  const { home: JAVA_HOME } = standInJava('17.0.1', untilInputEnds)
  const wanted = await startDynamoDb({ environment: { JAVA_HOME }, onEnd: untold })
  expect(wanted.endpoint).toBe('http://127.0.0.1:4242')
  await wanted.close()

  const { home } = standInJava('17.0.1', 'echo 4242; exit 7')
  const told = await new Promise((resolve, reject) => {
    startDynamoDb({ environment: { JAVA_HOME: home }, onEnd: resolve }).catch(reject)
  })
  expect(told).toBe('DynamoDB Local has ended: exit code 7')
})
