using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Tenet.Kernel.Http;

namespace Tenet.Kernel.Audit.Checkpoints;

/// <summary>A bucket of S3, or of a server that speaks its protocol.</summary>
/// <param name="Endpoint">Null for AWS itself; else the bucket is the first part of the path.</param>
public sealed record S3Bucket(string Bucket, string Prefix, string Region, Uri? Endpoint, AwsCredentials Credentials);

/// <summary>Checkpoints as objects: <c>prefix/workspace id/size.checkpoint</c>, and <c>latest</c> beside them.</summary>
public sealed class S3Checkpoints(S3Bucket bucket, Egress egress, TimeProvider time) : CheckpointStore
{
    private const string Ending = ".checkpoint";
    private static readonly EgressPolicy Policy = new("audit checkpoints") { MaxBytes = 5_000_000 };

    public override string Description => $"s3://{bucket.Bucket}/{bucket.Prefix}";

    public override Task<string?> LatestAsync(Guid workspaceId, CancellationToken ct) => GetAsync(Folder(workspaceId) + "latest", ct);

    public override async IAsyncEnumerable<string> ListAsync(Guid workspaceId, [EnumeratorCancellation] CancellationToken ct)
    {
        string? next = null;
        do
        {
            var query = $"list-type=2&prefix={Uri.EscapeDataString(Folder(workspaceId))}";
            query = next is null ? query : $"continuation-token={Uri.EscapeDataString(next)}&{query}";
            using var response = await SendAsync(HttpMethod.Get, "", query, null, null, ct);
            Demand(response, HttpStatusCode.OK);
            var listing = Parse(await response.Content.ReadAsStringAsync(ct));
            foreach (var key in Elements(listing, "Key").Where(key => key.EndsWith(Ending, StringComparison.Ordinal)))
            {
                // One that is listed and cannot be read is not "no checkpoint".
                yield return await GetAsync(key, ct) ?? throw Refused(HttpStatusCode.NotFound);
            }
            next = Elements(listing, "NextContinuationToken").FirstOrDefault();
        } while (next is not null);
    }

    public override async Task<string?> AddAsync(Guid workspaceId, long size, string note, CancellationToken ct)
    {
        var key = Folder(workspaceId) + size.ToString("D12", CultureInfo.InvariantCulture) + Ending;
        using (var added = await SendAsync(HttpMethod.Put, key, "", note, "*", ct))
        {
            if (added.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
            {
                return await GetAsync(key, ct) ?? throw Refused(added.StatusCode);
            }
            Demand(added, HttpStatusCode.OK);
        }
        using var newest = await SendAsync(HttpMethod.Put, Folder(workspaceId) + "latest", "", note, null, ct);
        Demand(newest, HttpStatusCode.OK);
        return null;
    }

    private async Task<string?> GetAsync(string key, CancellationToken ct)
    {
        using var response = await SendAsync(HttpMethod.Get, key, "", null, null, ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
        Demand(response, HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync(ct);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string key,
        string query,
        string? body,
        string? ifNoneMatch,
        CancellationToken ct
    )
    {
        var path = string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
        var root = bucket.Endpoint is { } endpoint
            ? $"{endpoint.ToString().TrimEnd('/')}/{bucket.Bucket}/"
            : $"https://{bucket.Bucket}.s3.{bucket.Region}.amazonaws.com/";
        using var request = new HttpRequestMessage(method, root + path + (query.Length > 0 ? "?" + query : ""));
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new("text/plain") } };
        }
        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }
        AwsSignature.Sign(request, bytes, "s3", bucket.Region, bucket.Credentials, time.GetUtcNow());
        try
        {
            return await egress.Client(Policy).SendAsync(request, ct);
        }
        catch (EgressException e)
        {
            throw new CheckpointStoreException($"The bucket {bucket.Bucket} of the audit checkpoints does not answer. {e.Message}", e);
        }
    }

    private string Folder(Guid workspaceId) => $"{(bucket.Prefix.Length > 0 ? bucket.Prefix + "/" : "")}{workspaceId:D}/";

    private void Demand(HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode != expected)
        {
            throw Refused(response.StatusCode);
        }
    }

    private CheckpointStoreException Refused(HttpStatusCode status) =>
        new(
            $"The bucket {bucket.Bucket} of the audit checkpoints answered with status {(int)status}. "
                + "See that the key may list, read and write objects under its prefix, and that region and endpoint are right."
        );

    private CheckpointStoreException Unreadable(Exception e) =>
        new($"The bucket {bucket.Bucket} of the audit checkpoints sent a list that cannot be read.", e);

    private XDocument Parse(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            return XDocument.Load(reader);
        }
        catch (XmlException e)
        {
            throw Unreadable(e);
        }
    }

    private static IEnumerable<string> Elements(XDocument listing, string name) =>
        listing
            .Descendants()
            .Where(element => element.Name.LocalName.Equals(name, StringComparison.Ordinal))
            .Select(element => element.Value);
}
