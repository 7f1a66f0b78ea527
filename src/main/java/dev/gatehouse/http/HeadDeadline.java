package dev.gatehouse.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes an HTTP/1 connection on which the head of a request begins and does not end in time,
 * however steadily it trickles. Bodies have deadlines of their own, and between requests a
 * connection may rest. Heads that can be read in two ways ({@link SoundHead}) are refused as what
 * is no HTTP is.
 *
 * <p>Stands before the decoder, where it sees bytes, and behind it, where it sees what they came
 * to. Confined to the connection's event loop. Hot path: a head that comes in one piece sets no
 * timer.
 */
final class HeadDeadline extends ChannelInboundHandlerAdapter {
  private static final String DECODER = "httpDecoder";
  private static final String BYTES = "headBytes";

  private final long millis;
  private final Heads heads = new Heads();
  private @Nullable ScheduledFuture<?> timer;

  private HeadDeadline(long millis) {
    this.millis = millis;
  }

  /** Watches one connection; does nothing where it is none of HTTP/1. */
  static void watch(Channel channel, long millis) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(DECODER) != null) {
      HeadDeadline bytes = new HeadDeadline(millis);
      pipeline.addBefore(DECODER, BYTES, bytes).addAfter(DECODER, "heads", bytes.heads);
    }
  }

  /** What the decoder made of the bytes. */
  private static final class Heads extends ChannelInboundHandlerAdapter {
    private boolean came;
    private boolean open;
    private boolean refused;
    private @Nullable Queue<Object> early;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (refused) {
        ReferenceCountUtil.release(message);
        return;
      }
      if (message instanceof HttpRequest request) {
        came = true;
        open = true;
        if (request.decoderResult().isSuccess() && !SoundHead.is(request)) {
          refuse(context, request);
          return;
        }
      }
      if (message instanceof WebSocketFrame) {
        hold(context, message);
        return;
      }
      if (message instanceof LastHttpContent) {
        open = false;
      }
      context.fireChannelRead(message);
    }

    /**
     * Frames that come in one piece with the handshake come before Vert.x is ready for them, which
     * would lose them and their memory.
     */
    private void hold(ChannelHandlerContext context, Object frame) {
      Queue<Object> held = early;
      if (held == null) {
        held = new ArrayDeque<>();
        early = held;
        context.executor().execute(() -> pass(context));
      }
      held.add(frame);
    }

    private void pass(ChannelHandlerContext context) {
      if (!context.isRemoved()) {
        context.pipeline().remove(this);
      }
      Objects.requireNonNull(early).forEach(context::fireChannelRead);
      context.fireChannelReadComplete();
    }

    /** Nothing of what comes behind it is read: nobody knows where its body ends. */
    private void refuse(ChannelHandlerContext context, HttpRequest request) {
      refused = true;
      request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("two readings")));
      context.fireChannelRead(request);
      context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    boolean begins = !heads.open;
    heads.came = false;
    context.fireChannelRead(bytes);
    if (heads.came) {
      stop();
    } else if (begins && timer == null) {
      if (context.isRemoved() || context.pipeline().get(DECODER) == null) {
        // It is a WebSocket now.
        leave(context);
        return;
      }
      timer = context.executor().schedule(() -> end(context), millis, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop();
    context.fireChannelInactive();
  }

  private void stop() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void leave(ChannelHandlerContext context) {
    if (!context.isRemoved()) {
      context.pipeline().remove(this);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  private void end(ChannelHandlerContext context) {
    ApiException problem =
        ApiException.of(408, "head.too-slow", "the head took longer than " + millis + " ms");
    byte[] body = Problem.body(problem).toBuffer().getBytes();
    String head =
        "HTTP/1.1 408 Request Timeout\r\nContent-Type: "
            + Problem.CONTENT_TYPE
            + "\r\nContent-Length: "
            + body.length
            + "\r\nConnection: close\r\n\r\n";
    context
        .writeAndFlush(Unpooled.wrappedBuffer(head.getBytes(StandardCharsets.US_ASCII), body))
        .addListener(ChannelFutureListener.CLOSE);
  }
}
