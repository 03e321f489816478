//! Tasks: ticked when a laboratory shows what they ask for, and no sooner.

use ballstick_e2e::{Page, Result, Shape, Site};
use serde_json::{Value, json};

#[path = "../../../support/solutions.rs"]
mod solutions;
use solutions::SOLUTIONS;

/// Which of a lesson's tasks are ticked and show what explains them.
fn ticked(lesson: &str) -> String {
    format!(
        "return [...document.querySelectorAll('[data-lesson={lesson}] [data-task]')].map(task =>
             task.classList.contains('done') && !task.querySelector('.after').hidden)"
    )
}

fn is(page: &Page, script: &str, wanted: &Value) -> Result {
    page.value_when(script, |found| found == wanted)?;
    Ok(())
}

fn address(lesson: &str, settings: &str) -> String {
    let folder = if lesson == "pyramid" { "data-set/" } else { "" };
    format!("{folder}#{lesson}?{}", settings.replace(';', "&"))
}

#[test]
fn every_task_is_ticked_by_its_solution() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#start", Shape::Desktop)?;
    for (lesson, solutions) in SOLUTIONS {
        for (number, [does, does_not]) in solutions.iter().enumerate() {
            page.go(&site.url(&address(lesson, does_not)))?;
            page.go(&site.url(&address(lesson, does)))?;
            let wanted: Vec<bool> = (0..solutions.len()).map(|k| k <= number).collect();
            is(&page, &ticked(lesson), &json!(wanted))?;
        }
    }
    Ok(())
}

/// The numbers of one answer count together, and only with the settings that they answer.
#[test]
fn no_task_is_ticked_by_numbers_of_other_settings() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "data-set/#pyramid?", Shape::Desktop)?;
    page.text_when("[data-stat=spikes-both]", |text| text == "3")?;
    page.click("[data-lesson=pyramid] [data-set='gap=-10']")?;
    page.text_when("[data-stat=spikes-both]", |text| text == "1")?;
    is(&page, &ticked("pyramid"), &json!([false, false]))?;
    page.go(&site.url("#soma?amp=0.05&dur=280"))?;
    page.text_when("[data-stat=spikes]", |text| text == "5")?;
    page.click("[data-lesson=soma] [data-key=NaTa_t]")?;
    page.text_when("[data-stat=spikes]", |text| text != "5" && text.parse::<u32>().is_ok())?;
    is(&page, &ticked("soma"), &json!([false, false, false]))
}

#[test]
fn ticks_are_kept_until_the_lesson_is_started_again() -> Result {
    let site = Site::serve()?;
    let page = Page::open(&site, "#soma", Shape::Desktop)?;
    let (_, solutions) = SOLUTIONS[0];
    for (number, [does, _]) in solutions.iter().enumerate().skip(1) {
        page.go(&site.url(&address("soma", does)))?;
        let said = format!("[data-lesson=soma] .tasks li:nth-child({}) [role=status]", number + 1);
        page.text_when(&said, |text| text == format!("Task {} is done.", number + 1))?;
    }
    is(&page, &ticked("soma"), &json!([false, true, true]))?;
    page.go(&site.url("#soma?"))?;
    page.text_when("[data-stat=spikes]", |text| text == "14")?;
    is(&page, &ticked("soma"), &json!([false, true, true]))?;
    page.go(&site.url("#start"))?;
    let tick = ".contents a[href='#soma'] .answered";
    page.text_when(tick, |text| text == "2 of 3 tasks done")?;
    page.click(".contents a[href='#soma']")?;
    page.run("for (const quiz of document.querySelectorAll('[data-lesson=soma] .check, [data-lesson=soma] .predict')) quiz.querySelector('input').click()")?;
    let done = "return document.querySelector(\".top nav a[href='#soma']\").textContent";
    is(&page, done, &json!("1 Soma"))?;
    page.go(&site.url(&address("soma", solutions[0][0])))?;
    is(&page, &ticked("soma"), &json!([true, true, true]))?;
    is(&page, done, &json!("1 Soma (done)"))?;
    page.click("[data-lesson=soma] .again button")?;
    is(&page, &ticked("soma"), &json!([false, false, false]))?;
    is(&page, done, &json!("1 Soma"))?;
    page.click("[data-lesson=soma] .again button")?; // undo
    is(&page, &ticked("soma"), &json!([true, true, true]))?;
    page.go(&site.url("#start"))?;
    page.text_when(tick, |text| text == "✓ all 4 questions answered, all 3 tasks done")?;
    Ok(())
}
