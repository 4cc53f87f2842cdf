// What "helm test" runs: the operator answers, is ready, and has metrics of its own. READY_URL and METRICS_URL say where.

// Pods of a new release may still be starting.
const deadline = Date.now() + Number(process.env.PATIENCE_SECONDS ?? 60) * 1000;

async function problemOf(url, mark) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    if (response.status !== 200) return `${url} answers ${response.status}: ${text.trim()}`;
    return text.includes(mark) ? undefined : `${url} answers without "${mark}"`;
  } catch (error) {
    return `${url} does not answer: ${error.cause?.message ?? error.message}`;
  }
}

async function check(url, mark) {
  for (;;) {
    const problem = await problemOf(url, mark);
    if (problem === undefined) {
      console.log(`ok: ${url}`);
      return;
    }
    if (Date.now() > deadline) throw new Error(problem);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

try {
  await check(process.env.READY_URL, '[+] caches');
  await check(process.env.METRICS_URL, 's3proxy_operator_build_info{');
} catch (error) {
  console.error(`not ok: ${error.message}`);
  process.exitCode = 1;
}
