using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Shouldly;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Http;

public sealed class EgressTests : IAsyncLifetime
{
    private static readonly EgressPolicy Policy = new("test") { MaxRedirects = 3, MaxBytes = 100_000 };
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly List<string> _called = [];
    private LoopbackSite _site = null!;
    private LoopbackSite _other = null!;
    private Egress _egress = null!;

    public async ValueTask InitializeAsync()
    {
        _site = await LoopbackSite.StartAsync(Map);
        _other = await LoopbackSite.StartAsync(Map);
        _egress = new Egress(new EgressOptions { Loopback = [_site.Address.Authority, _other.Address.Authority] }, TimeProvider.System);
    }

    [Fact]
    public async Task A_listed_loopback_host_is_called_and_no_other()
    {
        (await _egress.Client(Policy).GetStringAsync(At("/hello"), _ct)).ShouldBe("hello");
        using var strict = new Egress(new EgressOptions(), TimeProvider.System);
        await FailsAsync(EgressFailure.PrivateAddress, () => strict.Client(Policy).GetAsync(At("/hello"), _ct));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://10.1.2.3/")]
    public Task An_address_written_into_the_url_is_checked_too(string url) =>
        FailsAsync(EgressFailure.PrivateAddress, () => _egress.Client(Policy).GetAsync(url, _ct));

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.com/")]
    [InlineData("gopher://example.com/")]
    public Task Only_http_is_spoken(string url) => FailsAsync(EgressFailure.BadScheme, () => _egress.Client(Policy).GetAsync(url, _ct));

    [Fact]
    public async Task One_private_address_among_public_ones_is_refused()
    {
        _egress.Resolve = (_, _) => Task.FromResult(new[] { IPAddress.Parse("93.184.215.14"), IPAddress.Parse("192.168.0.1") });
        await FailsAsync(EgressFailure.PrivateAddress, () => _egress.Client(Policy).GetAsync("http://shop.test/", _ct));
    }

    [Fact]
    public async Task A_name_that_points_to_this_machine_is_refused_even_with_the_port_of_a_listed_host()
    {
        _egress.Resolve = (_, _) => Task.FromResult(new[] { IPAddress.Loopback });
        await FailsAsync(
            EgressFailure.PrivateAddress,
            () => _egress.Client(Policy).GetAsync($"http://shop.test:{_site.Address.Port}/hello", _ct)
        );
    }

    [Fact]
    public async Task A_name_whose_address_changes_is_looked_up_once_a_connection_and_checked_each_time()
    {
        _egress.AllowLoopback($"shop.test:{_site.Address.Port}");
        var answers = new Queue<IPAddress>([IPAddress.Loopback, IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]);
        _egress.Resolve = (_, _) => Task.FromResult(new[] { answers.Dequeue() });
        var url = $"http://shop.test:{_site.Address.Port}/once";

        (await _egress.Client(Policy).GetStringAsync(url, _ct)).ShouldBe("once");
        await FailsAsync(EgressFailure.PrivateAddress, () => _egress.Client(Policy).GetAsync(url, _ct));

        answers.Count.ShouldBe(1);
        _called.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_without_address_is_said_to_be_unknown()
    {
        _egress.Resolve = (_, _) => Task.FromResult(Array.Empty<IPAddress>());
        await FailsAsync(EgressFailure.UnknownHost, () => _egress.Client(Policy).GetAsync("http://shop.test/", _ct));
        _egress.Resolve = (_, _) => throw new System.Net.Sockets.SocketException(11001);
        await FailsAsync(EgressFailure.UnknownHost, () => _egress.Client(Policy).GetAsync("http://shop.test/", _ct));
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest", EgressFailure.PrivateAddress)]
    [InlineData("//10.0.0.1/", EgressFailure.PrivateAddress)]
    [InlineData("http://localhost:1/", EgressFailure.PrivateAddress)]
    [InlineData("file:///etc/passwd", EgressFailure.BadScheme)]
    [InlineData("javascript:alert(1)", EgressFailure.BadScheme)]
    public Task Each_redirect_is_checked_again(string target, EgressFailure failure) =>
        FailsAsync(failure, () => _egress.Client(Policy).GetAsync(At("/to?url=" + Uri.EscapeDataString(target)), _ct));

    [Theory]
    [InlineData("http://[broken")]
    [InlineData("http://")]
    [InlineData("http:///")]
    public async Task A_redirect_to_nonsense_is_an_answer_or_a_refusal_and_nothing_else(string target)
    {
        try
        {
            using var response = await _egress.Client(Policy).GetAsync(At("/to?url=" + Uri.EscapeDataString(target)), _ct);
            response.StatusCode.ShouldBe(HttpStatusCode.Found);
        }
        catch (EgressException e)
        {
            e.Failure.ShouldBeOneOf(EgressFailure.RedirectRefused, EgressFailure.UnknownHost, EgressFailure.Unreachable);
        }
    }

    [Fact]
    public async Task Redirects_are_counted_and_may_be_refused_by_the_caller()
    {
        (await _egress.Client(Policy).GetStringAsync(At("/down/3"), _ct)).ShouldBe("bottom");
        await FailsAsync(EgressFailure.TooManyRedirects, () => _egress.Client(Policy).GetAsync(At("/down/4"), _ct));
        await FailsAsync(EgressFailure.TooManyRedirects, () => _egress.Client(Policy).GetAsync(At("/to?url=/round"), _ct));
        var careful = Policy with { AllowRedirect = target => !target.AbsolutePath.EndsWith("/0", StringComparison.Ordinal) };
        await FailsAsync(EgressFailure.RedirectRefused, () => _egress.Client(careful).GetAsync(At("/down/1"), _ct));
        using var unfollowed = await _egress.Client(Policy with { MaxRedirects = 0 }).GetAsync(At("/down/1"), _ct);
        unfollowed.StatusCode.ShouldBe(HttpStatusCode.Found);
    }

    [Fact]
    public async Task A_write_is_never_repeated_by_a_redirect()
    {
        await FailsAsync(
            EgressFailure.RedirectRefused,
            () => _egress.Client(Policy).PostAsync(At("/to?url=/hello"), new StringContent("x"), _ct)
        );
        _called.Contains("/hello", StringComparer.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_stay_with_the_origin_they_were_meant_for()
    {
        (await EchoAsync(At("/headers"))).ShouldBe("Authorization,Cookie,X-Api-Key");
        (await EchoAsync(At("/to?url=/headers"))).ShouldBe("Authorization,Cookie,X-Api-Key");
        (await EchoAsync(At("/to?url=" + Uri.EscapeDataString(new Uri(_other.Address, "/headers").ToString())))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/big")]
    [InlineData("/big-unannounced")]
    [InlineData("/bomb")]
    public async Task A_body_beyond_the_limit_is_cut_off(string path)
    {
        await FailsAsync(EgressFailure.TooLarge, () => _egress.Client(Policy).GetByteArrayAsync(At(path), _ct));
        await FailsAsync(
            EgressFailure.TooLarge,
            async () =>
            {
                using var response = await _egress.Client(Policy).GetAsync(At(path), HttpCompletionOption.ResponseHeadersRead, _ct);
                await using var body = await response.Content.ReadAsStreamAsync(_ct);
                await body.CopyToAsync(Stream.Null, _ct);
            }
        );
    }

    [Theory]
    [InlineData("/trickle")]
    [InlineData("/silent")]
    [InlineData("/silent-in-the-middle")]
    public async Task A_site_that_takes_its_time_is_cut_off(string path)
    {
        var policies = new[]
        {
            Policy with
            {
                TotalTime = TimeSpan.FromMilliseconds(400),
            },
            Policy with
            {
                TotalTime = TimeSpan.FromSeconds(path is "/silent-in-the-middle" ? 30 : 1),
                IdleTime = TimeSpan.FromMilliseconds(300),
            },
        };
        foreach (var policy in policies)
        {
            await FailsAsync(EgressFailure.TooSlow, () => _egress.Client(policy).GetAsync(At(path), _ct));
            await FailsAsync(EgressFailure.TooSlow, () => _egress.Client(policy).GetByteArrayAsync(At(path), _ct));
            await FailsAsync(
                EgressFailure.TooSlow,
                async () =>
                {
                    using var response = await _egress.Client(policy).GetAsync(At(path), HttpCompletionOption.ResponseHeadersRead, _ct);
                    await using var body = await response.Content.ReadAsStreamAsync(_ct);
                    await body.CopyToAsync(Stream.Null, _ct);
                }
            );
        }
    }

    [Fact]
    public async Task A_callers_own_cancellation_stays_one()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        cancel.CancelAfter(200);
        await Should.ThrowAsync<OperationCanceledException>(() => _egress.Client(Policy).GetByteArrayAsync(At("/trickle"), cancel.Token));
    }

    [Fact]
    public async Task A_body_that_is_not_compressed_as_it_says_is_a_broken_answer() =>
        (
            await Should.ThrowAsync<HttpRequestException>(() => _egress.Client(Policy).GetByteArrayAsync(At("/not-gzip"), _ct))
        ).InnerException.ShouldBeOfType<HttpIOException>();

    public async ValueTask DisposeAsync()
    {
        _egress.Dispose();
        await _site.DisposeAsync();
        await _other.DisposeAsync();
    }

    private Uri At(string path) => new(_site.Address, path);

    private static async Task FailsAsync(EgressFailure failure, Func<Task> call) =>
        (await Should.ThrowAsync<EgressException>(call)).Failure.ShouldBe(failure);

    private async Task<string> EchoAsync(Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Add("Authorization", "Bearer secret");
        request.Headers.Add("Cookie", "session=secret");
        request.Headers.Add("X-Api-Key", "secret");
        using var response = await _egress.Client(Policy).SendAsync(request, _ct);
        return await response.Content.ReadAsStringAsync(_ct);
    }

    private void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods(
            "/hello",
            ["GET", "POST"],
            () =>
            {
                _called.Add("/hello");
                return "hello";
            }
        );
        app.MapGet(
            "/once",
            (HttpContext http) =>
            {
                _called.Add("/once");
                http.Response.Headers.Connection = "close";
                return "once";
            }
        );
        app.MapMethods("/to", ["GET", "POST"], (HttpContext http, string url) => Redirect(http, url));
        app.MapGet("/round", (HttpContext http) => Redirect(http, "/round"));
        app.MapGet(
            "/down/{n:int}",
            (HttpContext http, int n) => n == 0 ? http.Response.WriteAsync("bottom") : Redirect(http, $"/down/{n - 1}")
        );
        app.MapGet(
            "/headers",
            (HttpContext http) =>
                string.Join(',', new[] { "Authorization", "Cookie", "X-Api-Key" }.Where(name => http.Request.Headers.ContainsKey(name)))
        );
        app.MapGet("/big", () => Results.Bytes(new byte[200_000]));
        app.MapGet("/big-unannounced", (HttpContext http) => http.Response.Body.WriteAsync(new byte[200_000]).AsTask());
        app.MapGet(
            "/bomb",
            async (HttpContext http) =>
            {
                http.Response.Headers.ContentEncoding = "gzip";
                await using var gzip = new GZipStream(http.Response.Body, CompressionLevel.SmallestSize);
                for (var n = 0; n < 100; n++)
                {
                    await gzip.WriteAsync(new byte[1_000_000], http.RequestAborted);
                }
            }
        );
        app.MapGet(
            "/not-gzip",
            (HttpContext http) =>
            {
                http.Response.Headers.ContentEncoding = "gzip";
                return "plain";
            }
        );
        app.MapGet("/trickle", (HttpContext http) => TrickleAsync(http, forever: true));
        app.MapGet("/silent-in-the-middle", (HttpContext http) => TrickleAsync(http, forever: false));
        app.MapGet("/silent", (HttpContext http) => Task.Delay(Timeout.Infinite, http.RequestAborted));
    }

    private static Task Redirect(HttpContext http, string url)
    {
        http.Response.StatusCode = StatusCodes.Status302Found;
        http.Response.Headers.Location = url;
        return Task.CompletedTask;
    }

    private static async Task TrickleAsync(HttpContext http, bool forever)
    {
        do
        {
            await http.Response.WriteAsync(".", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(100, http.RequestAborted);
        } while (forever);
        await Task.Delay(Timeout.Infinite, http.RequestAborted);
    }
}
