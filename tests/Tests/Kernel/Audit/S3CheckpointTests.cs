using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Audit.Checkpoints;
using Tenet.Kernel.Http;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Audit;

public sealed class S3CheckpointTests(TestCluster cluster)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly ConcurrentDictionary<string, string> _objects = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _refused = new();
    private int _status = 200;

    [Fact]
    public async Task A_trail_is_published_to_a_bucket_and_verified_against_it()
    {
        await using var server = await StartAsync();
        var store = Store(server.Address, "secret");
        var lab = await AuditLab.OpenAsync(cluster.Host, _ct);
        for (var n = 0; n < 5; n++)
        {
            await lab.WriteAsync(3);
            await lab.SequenceAsync();
            (await lab.PublishAsync(store))!.Size.ShouldBe(3 * (n + 1));
        }

        _refused.ShouldBeEmpty();
        _objects.Keys.Order(StringComparer.Ordinal).ShouldContain($"/vault/trail/{lab.Id}/000000000003.checkpoint");
        // Listed over several pages.
        (await lab.VerifyAsync(store)).Checkpoints.ShouldBe(5);
        (await lab.VerifyAsync(store)).Findings.ShouldBeEmpty();
        await lab.BreakAsync(
            "delete from audit.link where workspace_id = $w and position > 10; delete from audit.head where workspace_id = $w"
        );
        (await lab.VerifyAsync(store)).Findings.ShouldContain(text => text.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_lies_in_the_bucket_is_never_overwritten()
    {
        await using var server = await StartAsync();
        var (store, workspace) = (Store(server.Address, "secret"), Guid.CreateVersion7());

        (await store.AddAsync(workspace, 7, "first", _ct)).ShouldBeNull();
        (await store.AddAsync(workspace, 7, "second", _ct)).ShouldBe("first");

        (await store.LatestAsync(workspace, _ct)).ShouldBe("first");
        (await store.LatestAsync(Guid.CreateVersion7(), _ct)).ShouldBeNull();
    }

    [Theory]
    [InlineData(403, "answered with status 403")]
    [InlineData(503, "answered with status 503")]
    public async Task A_bucket_that_refuses_is_told_without_its_secret(int status, string said)
    {
        await using var server = await StartAsync();
        _status = status;

        var refused = await Should.ThrowAsync<CheckpointStoreException>(() =>
            Store(server.Address, "secret").AddAsync(Guid.CreateVersion7(), 1, "note", _ct)
        );

        refused.Message.ShouldContain(said);
        refused.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_list_that_is_no_list_and_one_with_a_document_type_are_refused()
    {
        foreach (var list in (string[])["not xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"])
        {
            await using var server = await LoopbackSite.StartAsync(app => app.Map("/{**path}", () => list));

            await Should.ThrowAsync<CheckpointStoreException>(async () =>
            {
                await foreach (var _ in Store(server.Address, "secret").ListAsync(Guid.CreateVersion7(), _ct)) { }
            });
        }
    }

    [Fact]
    public void Settings_that_do_not_fit_say_which_one_to_change()
    {
        using var egress = new Egress(new EgressOptions(), TimeProvider.System);
        Should
            .Throw<InvalidOperationException>(() => new AuditOptions("s3://bucket/x").Store(egress, TimeProvider.System))
            .Message.ShouldContain("Audit__S3__AccessKey");
        Should.Throw<InvalidOperationException>(() => new AuditOptions("s3:bucket").Store(egress, TimeProvider.System));
        new AuditOptions("/var/lib/checkpoints").Store(egress, TimeProvider.System).ShouldBeOfType<FolderCheckpoints>();
    }

    private static S3Checkpoints Store(Uri server, string secret) =>
        new(
            new S3Bucket("vault", "trail", "eu-central-1", server, new AwsCredentials("AKEXAMPLE", secret)),
            new Egress(new EgressOptions { Loopback = [server.Authority] }, TimeProvider.System),
            TimeProvider.System
        );

    /// <summary>As much of S3 as is used: signed requests, conditional writes, lists of two keys a page.</summary>
    private Task<LoopbackSite> StartAsync() =>
        LoopbackSite.StartAsync(app =>
            app.Map(
                "/{**path}",
                async (HttpContext http) =>
                {
                    if (_status != 200 || !await IsSignedAsync(http.Request))
                    {
                        http.Response.StatusCode = _status != 200 ? _status : 403;
                        return;
                    }
                    var path = http.Request.Path.Value!;
                    if (http.Request.Query.TryGetValue("prefix", out var prefix))
                    {
                        await http.Response.WriteAsync(List(prefix!, http.Request.Query["continuation-token"]));
                    }
                    else if (HttpMethods.IsPut(http.Request.Method))
                    {
                        using var reader = new StreamReader(http.Request.Body);
                        var text = await reader.ReadToEndAsync();
                        if (http.Request.Headers.IfNoneMatch.Count == 0)
                        {
                            _objects[path] = text;
                        }
                        else if (!_objects.TryAdd(path, text))
                        {
                            http.Response.StatusCode = 412;
                        }
                    }
                    else if (_objects.TryGetValue(path, out var found))
                    {
                        await http.Response.WriteAsync(found);
                    }
                    else
                    {
                        http.Response.StatusCode = 404;
                    }
                }
            )
        );

    private string List(string prefix, string? token)
    {
        var keys = _objects
            .Keys.Select(key => key["/vault/".Length..])
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, token) > 0)
            .Order(StringComparer.Ordinal)
            .Take(3)
            .ToList();
        var more = keys.Count == 3 ? $"<NextContinuationToken>{keys[1]}</NextContinuationToken>" : "";
        var contents = string.Concat(keys.Take(2).Select(key => $"<Contents><Key>{key}</Key><Size>1</Size></Contents>"));
        return $"<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>vault</Name>{contents}{more}</ListBucketResult>";
    }

    private async Task<bool> IsSignedAsync(HttpRequest request)
    {
        request.EnableBuffering();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        request.Body.Position = 0;
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body.ToArray()));
        var authorization = request.Headers.Authorization.ToString();
        var signed =
            authorization.StartsWith("AWS4-HMAC-SHA256 Credential=AKEXAMPLE/", StringComparison.Ordinal)
            && authorization.Contains("/eu-central-1/s3/aws4_request,SignedHeaders=", StringComparison.Ordinal)
            && authorization.Contains("host;", StringComparison.Ordinal)
            && request.Headers["x-amz-content-sha256"] == hash;
        if (!signed)
        {
            _refused.Enqueue($"{request.Method} {request.Path}");
        }
        return signed;
    }
}
