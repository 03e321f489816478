//! A back end around one of plotters' own that changes some operations and passes all others on.

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

/// The result of an operation of the back end `B`.
pub type Passed<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

/// The operations of a back end that are changed.
pub trait Change {
    /// The back end that does the drawing.
    type Inner: DrawingBackend;

    /// The back end that does the drawing.
    fn inner(&self) -> &Self::Inner;

    /// The back end that does the drawing, mutable.
    fn inner_mut(&mut self) -> &mut Self::Inner;

    /// Width and height, in the units of the coordinates that are drawn with.
    fn size(&self) -> (u32, u32) {
        self.inner().get_size()
    }

    /// Draws a line through points.
    ///
    /// # Errors
    /// The errors of the back end.
    fn path<S: BackendStyle>(
        &mut self,
        path: impl IntoIterator<Item = BackendCoord>,
        style: &S,
    ) -> Passed<Self::Inner> {
        self.inner_mut().draw_path(path, style)
    }
}

/// A back end with the changes of a [`Change`].
pub struct Through<C>(pub C);

impl<C: Change> DrawingBackend for Through<C> {
    type ErrorType = <C::Inner as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.size()
    }

    fn ensure_prepared(&mut self) -> Passed<C::Inner> {
        self.0.inner_mut().ensure_prepared()
    }

    fn present(&mut self) -> Passed<C::Inner> {
        self.0.inner_mut().present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Passed<C::Inner> {
        self.0.inner_mut().draw_pixel(point, colour)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Passed<C::Inner> {
        self.0.inner_mut().draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Passed<C::Inner> {
        self.0.inner_mut().draw_rect(upper_left, lower_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Passed<C::Inner> {
        self.0.path(path, style)
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Passed<C::Inner> {
        self.0.inner_mut().draw_circle(centre, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Passed<C::Inner> {
        self.0.inner_mut().fill_polygon(corners, style)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Passed<C::Inner> {
        self.0.inner_mut().draw_text(text, style, at)
    }
}
