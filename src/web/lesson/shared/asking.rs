//! Asks the trainer for the newest only: while an answer is on its way, a newer order waits and replaces one that
//! waited, as a slider is dragged.

use crate::web::trainer::client::{Heard, TrainerClient};
use crate::web::trainer::protocol::Order;
use std::cell::RefCell;
use std::rc::Rc;

/// One place in a lesson that asks.
#[derive(Clone)]
pub(in crate::web::lesson) struct Newest {
    client: TrainerClient,
    listener: Rc<dyn Fn(Heard)>,
    state: Rc<RefCell<InFlight>>,
}

#[derive(Default)]
struct InFlight {
    busy: bool,
    next: Option<Order>,
    /// What was asked last: asking for the same again changes nothing.
    last: Option<Order>,
}

impl Newest {
    /// `listener` hears each answer.
    pub(in crate::web::lesson) fn new(
        client: &TrainerClient,
        listener: impl Fn(Heard) + 'static,
    ) -> Self {
        Self { client: client.clone(), listener: Rc::new(listener), state: Rc::default() }
    }

    /// Asks for this in place of all asked for before.
    pub(in crate::web::lesson) fn ask(&self, order: Order) {
        {
            let mut state = self.state.borrow_mut();
            if state.last.as_ref() == Some(&order) {
                return;
            }
            state.last = Some(order.clone());
            if state.busy {
                state.next = Some(order);
                return;
            }
            state.busy = true;
        }
        self.send(order);
    }

    fn send(&self, order: Order) {
        let this = self.clone();
        self.client.run(order, move |heard| this.heard(heard));
    }

    fn heard(&self, heard: Heard) {
        if !matches!(heard, Heard::Partial(_)) {
            let next = {
                let mut state = self.state.borrow_mut();
                if matches!(heard, Heard::Failed(_)) && state.next.is_none() {
                    state.last = None;
                }
                let next = state.next.take();
                state.busy = next.is_some();
                next
            };
            next.into_iter().for_each(|order| self.send(order));
        }
        (self.listener)(heard);
    }
}
