// Photos and files: what a camera wrote into them stays on the phone, what breaks goes on, what is no picture is not sent as one.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { Camera } from "./camera";
import { type City, Visitor, desk, expect, memberOf, openNewest, school, test } from "./city";
import { HEIC, cameraFiles, canaries, colours, encoded, exiftool, groups, opened, place, saved } from "./photos";

test.use({ stories: "evidence" });

const CHUNK = 264_192;

/** The visitor tells and stands where files can be added. */
async function told(page: Page, city: City, name: string): Promise<{ visitor: Visitor; receipt: string }> {
  const { address, pin } = school(city, name);
  const visitor = await Visitor.at(page, `${address}#${pin}`);
  return { visitor, receipt: await visitor.tell("有照片。", []) };
}

const rows = (page: Page) => page.getByTestId("file");
const add = (page: Page, what: "photo" | "file", files: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) =>
  page.getByTestId(`add-${what}`).setInputFiles(files);
const states = (page: Page) => rows(page).evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.state ?? ""));

async function teacherWith(browser: Browser, city: City, name: string, files: number): Promise<Page> {
  const teacher = await desk(browser, city, memberOf(city, school(city, name), 3));
  await openNewest(teacher);
  await expect(async () => {
    await teacher.getByText("收件箱").first().click();
    await teacher.getByTestId("case-row").first().click();
    await expect(teacher.getByTestId("attached")).toHaveCount(files, { timeout: 2000 });
  }).toPass();
  return teacher;
}

test("camera files of every kind go in, and nothing of what the camera wrote comes out", async ({ page, browser, city }) => {
  test.slow();
  const { visitor } = await told(page, city, "青杨路中学");
  const files = await cameraFiles(page);
  const originals = files.map((file) => ({ groups: groups(file), canaries: canaries(file) }));
  expect(originals[0]?.groups, "the control: the same reading finds it all in the originals")
    .toEqual(expect.arrayContaining(["IFD0", "ExifIFD", "GPS", "IFD1", "IPTC", "XMP-dc", "XMP-photoshop", "XMP-xmpMM", "JFIF"]));
  expect(originals[0]?.canaries).toEqual(expect.arrayContaining([
    "canary-artist", "canary-city", "canary-comment", "canary-copyright", "canary-document", "canary-gps", "canary-iptc", "canary-lens", "canary-make",
    "canary-makernote", "canary-model", "canary-owner", "canary-serial", "canary-software", "canary-unique", "canary-usercomment", "canary-xmp",
  ]));
  for (const one of originals.slice(1)) {
    expect(one.groups).toEqual(expect.arrayContaining(["GPS", "IFD0", "XMP-dc"]));
    expect(one.canaries.length).toBeGreaterThan(8);
  }
  const lengths: number[] = [];
  page.on("request", (request) => lengths.push(request.postDataBuffer()?.length ?? 0));
  await add(page, "photo", files);
  await expect.poll(() => states(page)).toEqual(["ready", "ready", "ready"]);
  await expect(rows(page).first()).toContainText("地点、时间、手机型号已经去掉");
  expect(lengths, "making ready asks nothing of the network").toEqual([]);
  writeFileSync(place("canary-secret-name.pdf"), "%PDF-1.4 canary-inside.");
  await add(page, "file", place("canary-secret-name.pdf"));
  await expect(rows(page).nth(3)).toContainText("原样送出去");
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent", "sent", "sent", "sent"]);
  expect(new Set(lengths)).toEqual(new Set([CHUNK, 32_768]));
  await visitor.isAt("done");

  const teacher = await teacherWith(browser, city, "青杨路中学", 4);
  const policy: string[] = [];
  teacher.on("console", (message) => policy.push(message.text()));
  for (let n = 0; n < 4; n++) await opened(teacher, n);
  for (let n = 0; n < 3; n++) {
    const image = teacher.getByTestId("attached").nth(n).locator("img");
    const size = await image.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight]);
    // The camera was held upright: Orientation 6 is drawn into the picture. In WebP this browser does not heed it, nor when it shows one.
    expect([n, size]).toEqual([n, n === 2 ? [2560, 1920] : [1920, 2560]]);
    const file = await saved(teacher, n, `evidence-${String(n)}.jpg`);
    expect(groups(file)).toEqual([]);
    expect(canaries(file)).toEqual([]);
    expect(exiftool("-s3", "-FileType", file).trim()).toBe("JPEG");
    expect(await colours(teacher, n), "the picture itself arrived, turned").toEqual(["red", "green", "blue", "yellow"]);
  }
  await expect(teacher.getByTestId("attached").nth(3)).toContainText("file.pdf");
  await expect(teacher.getByTestId("attached").nth(3).locator("img")).toHaveCount(0);
  expect(canaries(await saved(teacher, 3, "evidence.pdf")), "another file goes as it is").toEqual(["canary-inside"]);
  await expect(teacher.locator("main")).not.toContainText("canary-");
  await expect(teacher.getByTestId("seen-by")).toContainText("打开照片或文件");
  expect(policy.filter((text) => text.includes("Content Security Policy"))).toEqual([]);
});

test("where the engine has no createImageBitmap (iOS 14) a photo is drawn all the same, upright and bare", async ({ page, browser, city }) => {
  await page.addInitScript("delete window.createImageBitmap");
  await told(page, city, "云溪技师学院");
  expect(await page.evaluate(() => "createImageBitmap" in window)).toBe(false);
  const [jpeg = ""] = await cameraFiles(page);
  expect(canaries(jpeg).length, "the control: it is in the original").toBeGreaterThan(8);
  await add(page, "photo", jpeg);
  await expect.poll(() => states(page)).toEqual(["ready"]);
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent"]);
  const teacher = await teacherWith(browser, city, "云溪技师学院", 1);
  await opened(teacher, 0);
  expect(canaries(await saved(teacher, 0, "drawn.jpg"))).toEqual([]);
  expect(await colours(teacher, 0)).toEqual(["red", "green", "blue", "yellow"]);
});

test("an upload that is cut ten times goes on where it stopped", async ({ page, browser, city }) => {
  test.slow();
  await told(page, city, "云溪市第一中学");
  const bytes = randomBytes(1_200_000); // Five pieces, so eight are sent.
  writeFileSync(place("recording.m4a"), bytes);
  let [cuts, pieces] = [0, 0];
  await page.route("**/x", async (route) => {
    if (route.request().postDataBuffer()?.length !== CHUNK) return route.continue();
    pieces += 1;
    if (cuts >= 10 || pieces % 3 === 0) return route.continue();
    cuts += 1;
    // Every other time the piece arrives and only its answer is lost.
    if (cuts % 2 === 0) await route.fetch();
    return route.abort();
  });
  await add(page, "file", place("recording.m4a"));
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 90_000 }).toEqual(["sent"]);
  expect([cuts, pieces]).toEqual([10, 18]);
  await page.unrouteAll();

  // A line that stays away: the page says how far it got, and one tap goes on.
  await page.route("**/x", (route) => (pieces++ >= 20 ? route.abort() : route.continue()));
  await add(page, "file", { name: "second.mp4", mimeType: "video/mp4", buffer: bytes });
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent", "broken"]);
  await expect(rows(page).nth(1)).toContainText("到 2 / 8");
  await page.unrouteAll();
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent", "sent"]);

  const teacher = await teacherWith(browser, city, "云溪市第一中学", 2);
  for (let n = 0; n < 2; n++) {
    await opened(teacher, n);
    expect(readFileSync(await saved(teacher, n, `back-${String(n)}`)).equals(bytes)).toBe(true);
  }
});

test("a file that changed between two tries is a new file, and the old half is nowhere shown", async ({ page, browser, city }) => {
  test.slow();
  const { visitor, receipt } = await told(page, city, "河湾中学");
  await visitor.comeBack(city.address, receipt);
  await visitor.isAt("conversation");
  const [first, second] = [randomBytes(500_000), randomBytes(500_000)];
  writeFileSync(place("notes.txt"), first);
  await add(page, "file", place("notes.txt"));
  await expect.poll(() => states(page)).toEqual(["ready"]);
  writeFileSync(place("notes.txt"), second);
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page)).toEqual(["unfit"]);
  await expect(rows(page)).toContainText("再选一次");
  writeFileSync(place("notes.txt"), first);
  let pieces = 0;
  await page.route("**/x", (route) => (pieces++ >= 1 ? route.abort() : route.continue()));
  await page.getByTestId("remove-file").click();
  await add(page, "file", place("notes.txt"));
  await rows(page).locator("input").check();
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["broken"]);
  await page.unrouteAll();
  writeFileSync(place("notes.txt"), second);
  await page.getByTestId("remove-file").click();
  await add(page, "file", place("notes.txt"));
  await rows(page).locator("input").check();
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent"]);
  await expect(page.locator('[data-testid=letter][data-side=mine]')).toContainText("加了文件：notes.txt");
  await page.getByTestId("write").fill("看看这个");
  await visitor.next();
  await expect(page.locator('[data-testid=letter][data-side=mine]')).toHaveCount(2);
  const teacher = await teacherWith(browser, city, "河湾中学", 1);
  await opened(teacher, 0);
  await expect(teacher.getByTestId("attached")).toContainText("notes.txt");
  expect(readFileSync(await saved(teacher, 0, "notes-back")).equals(second)).toBe(true);
  await visitor.comeBack(city.address, receipt);
  await expect(page.locator('[data-testid=letter][data-side=mine]').first()).toContainText("加了文件：notes.txt");
});

const crc = (bytes: Buffer): number => {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let i = 0; i < 8; i++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
};

/** One colour, a bit a pixel: a few kilobytes that decode to any size. */
function pngOf(width: number, height: number): Buffer {
  const part = (name: string, content: Buffer): Buffer => {
    const [head, tail] = [Buffer.alloc(4), Buffer.alloc(4)];
    const body = Buffer.concat([Buffer.from(name), content]);
    head.writeUInt32BE(content.length);
    tail.writeUInt32BE(crc(body));
    return Buffer.concat([head, body, tail]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size[8] = 1;
  const lines = deflateSync(Buffer.alloc((1 + Math.ceil(width / 8)) * height));
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), part("IHDR", size), part("IDAT", lines), part("IEND", Buffer.alloc(0))]);
}

/** Two frames of one pixel. */
const GIF = Buffer.from("474946383961010001008000000000ff00000021ff0b4e45545343415045322e30030100000021f90400140000002c00000000010001000002024401002c000000000100010000020244010 03b".replace(" ", ""), "hex");

test("what lies, is too large, cut short, moving or no picture at all is told apart", async ({ page, browser, city }, info) => {
  test.slow();
  await told(page, city, "松林小学");
  const [jpeg, png] = [await encoded(page, "image/jpeg", 800, 600), await encoded(page, "image/png", 80, 60)];
  const file = (name: string, mimeType: string, buffer: Buffer) => ({ name, mimeType, buffer });
  writeFileSync(place("large.mp4"), Buffer.alloc(50 * 1024 * 1024 + 1));
  const unfit: [ReturnType<typeof file> | string, RegExp][] = [
    [file("page.jpg", "image/jpeg", Buffer.from("<script>alert(1)</script>")), /打不开/],
    [file("drawing.svg", "image/svg+xml", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')), /打不开/],
    [file("iphone.heic", "image/heic", HEIC), /打不开/],
    [file("iphone", "", HEIC), /打不开/],
    [file("raw.dng", "", Buffer.from("II*\0canary-raw")), /打不开/],
    [file("hidden.txt", "text/plain", jpeg.subarray(0, jpeg.length / 2)), /打不开/],
    [file("cut.jpg", "image/jpeg", jpeg.subarray(0, jpeg.length - 2)), /打不开/],
    [file("cut.png", "image/png", png.subarray(0, png.length - 20)), /打不开/],
    [file("head.jpg", "image/jpeg", Buffer.from("ffd8ffe000104a464946", "hex")), /打不开/],
    [file("huge.png", "image/png", pngOf(30_000, 30_000)), /太大/],
    [file("wide.png", "image/png", pngOf(60_000, 2_000)), /太大/],
    [file("empty.txt", "text/plain", Buffer.alloc(0)), /空的/],
    [place("large.mp4"), /50 MB/],
  ];
  for (const [one, words] of unfit) {
    const began = Date.now();
    await add(page, "photo", one);
    await expect(rows(page)).toHaveAttribute("data-state", "unfit", { timeout: 5000 });
    await expect(rows(page)).toContainText(words);
    expect(Date.now() - began, "the page does not stand still").toBeLessThan(5000);
    await expect(page.getByTestId("send-files")).toBeHidden();
    await page.getByTestId("remove-file").click();
  }
  // The control: the same pictures, whole and of a size, also under a name and a type that lie.
  await add(page, "photo", [
    file("whole.jpg", "image/jpeg", jpeg), file("really-a-png.jpg", "image/jpeg", png), file("moving.gif", "image/gif", GIF),
    file("large.png", "image/png", pngOf(8_000, 8_000)),
  ]);
  await add(page, "file", file("notes.txt", "text/plain", jpeg));
  await expect.poll(() => states(page)).toEqual(["ready", "ready", "ready", "ready", "ready"]);
  for (const n of [0, 1, 2, 3, 4]) await expect(rows(page).nth(n)).toContainText("已经去掉");
  await add(page, "file", [file("song.mp3", "audio/mpeg", jpeg.subarray(9)), file("empty.txt", "text/plain", Buffer.alloc(0))]);
  await expect.poll(() => states(page)).toEqual([...new Array<string>(6).fill("ready"), "unfit"]);
  await new Camera(360, info).look(page, "evidence-chosen");
  for (const n of [6, 5]) await page.getByTestId("remove-file").nth(n).click();
  await expect(rows(page).nth(2)).toContainText("只送第一格");
  await expect(rows(page).nth(0)).not.toContainText("只送第一格");
  await page.getByTestId("send-files").click();
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(["sent", "sent", "sent", "sent", "sent"]);
  const teacher = await teacherWith(browser, city, "松林小学", 5);
  const sizes = [];
  for (const n of [0, 1, 2, 3, 4]) {
    await opened(teacher, n);
    const image = teacher.getByTestId("attached").nth(n).locator("img");
    sizes.push(await image.evaluate((one: HTMLImageElement) => [one.naturalWidth, one.naturalHeight]));
  }
  await new Camera(1280, info).look(teacher, "evidence-at-desk");
  expect(sizes).toEqual([[800, 600], [80, 60], [1, 1], [2560, 2560], [800, 600]]);
});
